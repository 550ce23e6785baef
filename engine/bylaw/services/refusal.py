"""From outcomes to refusals: because, missing, next."""

from collections.abc import Iterable

from bylaw.base.plain import Plain, Record
from bylaw.model.action import ActionSource
from bylaw.model.advice import Advice
from bylaw.model.condition import Clause
from bylaw.model.decision import Decision, Finding
from bylaw.model.instance import Instance, Reason
from bylaw.model.policy import Effect
from bylaw.services.answer import call_of
from bylaw.services.asking import Asking


def because(finding: Finding) -> dict[str, Plain]:
    """Return one member of `because`: the rule, where it stands, and what decided."""
    said: dict[str, Plain] = {
        "rule": finding.rule,
        "at": finding.place.short,
        "effect": finding.effect.value,
    }
    if finding.message:
        said["message"] = finding.message
    if finding.clauses:
        said |= {
            name: value
            for name, value in _clause(finding.clauses).items()
            if value not in ("", [], None)
        }
    if finding.errors:
        said["errors"] = list(finding.errors)
    return said


def reason(found: Reason) -> dict[str, Plain]:
    """Return one member of `because` for a transition that was not taken."""
    said: dict[str, Plain] = {
        "rule": found.ref,
        "at": found.place.short,
        "effect": "guard",
        "message": found.message,
        "who": list(found.who),
        **_clause(found.clauses),
    }
    return {name: value for name, value in said.items() if value not in ("", [], None)}


def missing(findings: Iterable[Finding | Reason]) -> list[Plain]:
    """Return what was not known, once each, with who reads it."""
    seen: dict[str, str] = {}
    for finding in findings:
        ref = finding.rule if isinstance(finding, Finding) else finding.ref
        for name in finding.missing:
            seen.setdefault(name, ref)
    return [_missing(name, ref) for name, ref in seen.items()]


def next_calls(
    asking: Asking,
    advices: Iterable[tuple[Advice | None, str]],
    *,
    instance: Instance | None = None,
) -> list[Plain]:
    """Return complete calls and commands to copy; each advice comes with a reason to give."""
    calls: list[Plain] = []
    for advice, message in advices:
        if advice is not None:
            calls += _advised(asking, advice, advice.say or message, instance)
    return calls


def with_call(found: list[Plain], look: Plain) -> list[Plain]:
    """Return advice with a call at the end if it only says something, and has none of its own."""
    return found if any("say" not in one for one in found) else [*found, look]


def deciding(decision: Decision) -> tuple[Finding, ...]:
    """Return the findings with the verdict's own effect, which an answer leads with."""
    led = tuple(finding for finding in decision.because if finding.effect is decision.verdict)
    return led or decision.because


def unsent(findings: tuple[Finding, ...]) -> list[str]:
    """Return the params that the first rule reads and that were not sent at all."""
    names = findings[0].missing if findings else ()
    return [
        name.removeprefix("params.")
        for name in names
        if name.startswith("params.") and name.count(".") == 1
    ]


def denial_text(decision: Decision) -> str:
    """Return the sentence of a refusal: the first message, or that a rule says so."""
    found = deciding(decision)
    names = unsent(found)
    if names and decision.verdict is not Effect.ASK:
        words = ", ".join(f"`{name}`" for name in names)
        return f"send {words} too; `{found[0].rule}` reads it."
    for finding in deciding(decision):
        if finding.message:
            return finding.message
    rules = ", ".join(f"`{finding.rule}`" for finding in deciding(decision))
    word = "asks for approval" if decision.verdict is Effect.ASK else "says no"
    return f"{rules or 'A rule'} {word}."


def approval(decision: Decision) -> dict[str, Plain]:
    """Return who could approve what an `ask` holds up."""
    approvers: dict[str, Plain] = {}
    for finding in deciding(decision):
        if finding.approval is not None:
            wanted = finding.approval
            approvers |= dict(wanted.approvers)
            approvers |= (
                {"any_of": list(wanted.any_of), "needs": wanted.needs} if (wanted.any_of) else {}
            )
    return {"approvers": approvers} if approvers else {}


def _clause(clauses: tuple[Clause, ...]) -> dict[str, Plain]:
    if not clauses:
        return {}
    first = clauses[0]
    return {"clause": first.text, "saw": dict(first.saw), "needs": first.needs}


def _missing(name: str, ref: str) -> Record:
    root, _, field = name.partition(".")
    if root == "params" and field:
        return {"param": field, "why": f"{ref} reads it"}
    return {"fact": name, "why": f"{ref} reads it"}


def _advised(asking: Asking, advice: Advice, why: str, instance: Instance | None) -> list[Plain]:
    calls: list[Plain] = []
    if advice.run is not None:
        calls.append(_advised_run(asking, advice.run, dict(advice.params or {}), why, instance))
    if advice.command:
        calls.append({"command": advice.command, "why": why})
    if not calls and advice.say:
        calls.append({"say": advice.say})
    return calls


def _advised_run(
    asking: Asking, name: str, params: dict[str, Plain], why: str, instance: Instance | None
) -> Plain:
    action = asking.snapshot.actions.get(name)
    lacking = [field for field in action.params.required if field not in params] if action else []
    if lacking:
        more = f"{why} `{name}` needs {', '.join(f'`{field}`' for field in lacking)}."
        return call_of("get_available_actions", more.strip(), action=name)
    if action is not None and action.source is ActionSource.OUTSIDE:
        return call_of("enforce", why, action=name, params=params)
    same = instance is not None and action is not None and action.workflow == instance.workflow
    steps = same and action is not None and action.source is ActionSource.WORKFLOW
    target = instance.id if steps and instance is not None else None
    return call_of("run_action", why, action=name, params=params, instance=target)
