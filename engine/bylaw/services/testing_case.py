"""Cases of a test: what a decision must say, and what it says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bylaw.base.names import did_you_mean
from bylaw.model.decision import Finding
from bylaw.model.policy import Approval, Effect
from bylaw.model.snapshot import Snapshot
from bylaw.model.test import Case, Expectation
from bylaw.services.answer import Refusal
from bylaw.services.deciding import Verdict
from bylaw.services.event import not_yours
from bylaw.services.refusal import deciding
from bylaw.services.testing_call import Called, Stage, called
from bylaw.services.testing_result import Failure, listed, said_of

# Who decides where no rule does: what nothing grants is not there.
ACCESS = "access"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What came: the verdict, the rules that decided, and why in words."""

    verdict: Effect
    rules: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    why: str = ""

    def of(self, rule: str | None) -> tuple[Finding, ...]:
        """Return the findings of a rule, or all of them."""
        return tuple(one for one in self.findings if rule in (None, one.rule))


def case_failure(stage: Stage, case: Case) -> Failure | None:
    """Decide a case; return how it differs from what is expected."""
    said = _said(stage, case)
    if isinstance(said, Refusal):
        return _failure(case, f"not decided: {said.error}", said.summary)
    if all(_agreements(case.expect, said)):
        return None
    unknown = _unknown_rule(stage.snapshot, case.expect.rule)
    return _failure(case, _in_words(said, case.expect), unknown or said.why)


def _failure(case: Case, came: str, why: str) -> Failure:
    expected = _wanted(case.expect)
    return Failure(place=case.place, name=case.name, expected=expected, came=came, why=why)


def _said(stage: Stage, case: Case) -> Said | Refusal:
    asking = stage.asking(case.actor, case.now, case.facts)
    if isinstance(asking, Refusal):
        return asking
    call = called(asking, case.action, case.params, resource=case.resource)
    if not isinstance(call, Refusal):
        return _decided(stage, call)
    if call.error != "unknown":
        return call
    why = f"no access mode grants it to `{case.actor}`. {call.summary}"
    return Said(verdict=Effect.DENY, rules=(ACCESS,), why=why)


def _decided(stage: Stage, call: Called) -> Said:
    decision = call.verdict.decision
    reporting = _reporting(stage, call) if decision.allowed else None
    if reporting is not None:
        return reporting
    findings = deciding(decision)
    return Said(
        verdict=decision.verdict,
        rules=tuple(finding.rule for finding in findings),
        findings=findings,
        why="; ".join(said_of(finding) for finding in findings) or "no rule objects",
    )


def _reporting(stage: Stage, call: Called) -> Said | None:
    """Say that an event is not the actor's to report."""
    name = _event(call.verdict)
    event = stage.snapshot.events.get(name)
    denied = None if event is None else not_yours(call.asking, event, call.verdict)
    if denied is None:
        return None
    return Said(verdict=Effect.DENY, rules=(f"event/{name}",), why=denied.summary)


def _event(verdict: Verdict) -> str:
    return verdict.action.name.removeprefix("event.")


def _agreements(expect: Expectation, said: Said) -> Iterator[bool]:
    """Say of each thing that is expected whether it came."""
    findings = said.of(expect.rule)
    yield said.verdict is expect.verdict
    if expect.rule is not None:
        yield expect.rule in said.rules
    if expect.message is not None:
        yield any(expect.message in finding.message for finding in findings)
    if expect.missing is not None:
        yield {name for one in findings for name in one.missing} == set(expect.missing)
    if expect.approvers is not None:
        yield any(_approves(one.approval, expect.approvers) for one in findings)
    if expect.needs is not None:
        yield any(one.approval and one.approval.needs == expect.needs for one in findings)


def _approves(approval: Approval | None, wanted: tuple[str, ...] | Mapping[str, int]) -> bool:
    if approval is None:
        return False
    if isinstance(wanted, tuple):
        return set(approval.any_of) == set(wanted)
    return dict(approval.approvers) == dict(wanted)


def _wanted(expect: Expectation) -> str:
    parts = [f"{expect.verdict} by `{expect.rule}`" if expect.rule else str(expect.verdict)]
    if expect.message is not None:
        parts.append(f"message with `{expect.message}`")
    if expect.missing is not None:
        parts.append(f"missing {listed(expect.missing)}")
    if expect.approvers is not None:
        parts.append(f"approvers {_people(expect.approvers)}")
    if expect.needs is not None:
        parts.append(f"needs {expect.needs}")
    return ", ".join(parts)


def _in_words(said: Said, expect: Expectation) -> str:
    """Return what came, in the parts that are expected."""
    parts = [f"{said.verdict} by {listed(said.rules)}" if said.rules else str(said.verdict)]
    findings = said.of(expect.rule) or said.findings
    approvals = [one.approval for one in findings if one.approval is not None]
    if expect.message is not None:
        parts += [f"message `{one.message}`" for one in findings if one.message]
    if expect.missing is not None:
        parts.append(f"missing {listed(name for one in findings for name in one.missing)}")
    if expect.approvers is not None:
        parts += [f"approvers {_people(one.any_of or one.approvers)}" for one in approvals]
    if expect.needs is not None:
        parts += [f"needs {one.needs}" for one in approvals]
    return ", ".join(parts)


def _people(approvers: tuple[str, ...] | Mapping[str, int]) -> str:
    if isinstance(approvers, tuple):
        return listed(approvers)
    return ", ".join(f"{count} `{name}`" for name, count in approvers.items())


def _unknown_rule(snapshot: Snapshot, rule: str | None) -> str:
    """Say that the rule that is expected is not there, if it is not."""
    known = {one.ref for policy in snapshot.policies.values() for one in policy.rules}
    if rule is None or rule in known or rule == ACCESS:
        return ""
    if rule.startswith(("persona/", "event/")):
        return ""
    return f"there is no rule `{rule}`. {did_you_mean(rule, known)}".strip()
