"""Asking the policies about one call, and recording what they said."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bylaw.base.plain import Plain, Record
from bylaw.decide.policy import decide
from bylaw.model.action import Action
from bylaw.model.decision import Decision, Finding
from bylaw.model.policy import Effect
from bylaw.services.answer import Answer, Refusal, call_of, refusal
from bylaw.services.asking import Asking
from bylaw.services.refusal import (
    approval,
    because,
    deciding,
    denial_text,
    missing,
    next_calls,
    unsent,
    with_call,
)

# Empty as they are, they say something.
KEPT = (False, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A decision with the id under which it is recorded."""

    id: str
    action: Action
    decision: Decision
    _reasons: list[dict[str, Plain]] = field(default_factory=list, compare=False, repr=False)

    def reasons(self) -> list[dict[str, Plain]]:
        """Return why it was decided so: the same for the answer and for the record."""
        if not self._reasons:
            self._reasons.extend(map(because, self.decision.because))
        return self._reasons

    def leading(self) -> list[dict[str, Plain]]:
        """Return the reasons with the verdict's own effect, which a refusal leads with."""
        effect = self.decision.verdict.value
        return [one for one in self.reasons() if one["effect"] == effect] or self.reasons()


def judged(
    asking: Asking,
    action: Action,
    params: Record,
    *,
    id: str,  # noqa: A002  the word that every record uses
    workflow: Record | None = None,
    only: str | None = None,
    known: Record | None = None,
) -> Verdict:
    """Ask the policies about a call whose params fit; `known` has the record it is about."""
    env = asking.env(action, params, workflow=workflow, known=known)
    decision = decide(asking.snapshot, action, env, without=asking.without, only=only)
    return Verdict(id=id, action=action, decision=decision)


def refused_by(asking: Asking, verdict: Verdict, *, part_of: str = "") -> Refusal | None:
    """Return the refusal of a verdict that does not let the call go ahead.

    `part_of` names the action whose step makes this call, where it is not the caller's own.
    """
    decision = verdict.decision
    if decision.allowed:
        return None
    findings = deciding(decision)
    asked = decision.verdict is Effect.ASK
    text = denial_text(decision)
    name = part_of or verdict.action.name
    lead = "Not done: it needs approval." if asked else "Not done:"
    return refusal(
        "needs-approval" if asked else "denied",
        f"{lead} {text}",
        action=name,
        because=verdict.leading(),
        missing=missing(findings),
        next=advice_of(asking, findings, verdict.action),
        approval=approval(decision) if asked else {},
        decision=verdict.id,
    )


def advice_of(asking: Asking, findings: tuple[Finding, ...], action: Action) -> list[Plain]:
    """Return what to do instead; without advice, where to read the rules."""
    advices = [(finding.advice, finding.message) for finding in findings]
    if unsent(findings):
        advices = []
        read = call_of("get_available_actions", "See all its params.", action=action.name)
    else:
        read = call_of("get_policy", "Read the rules that touch this action.", action=action.name)
    return with_call(next_calls(asking, advices), read)


def warnings(decision: Decision) -> list[Plain]:
    """Return what rules only warn of, as texts."""
    return [finding.message or finding.rule for finding in decision.warnings]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the audit keeps of one decision, before it is redacted."""

    verdict: Verdict
    tool: str
    params: Record
    outcome: str
    instance: str = ""
    reason: str = ""
    extra: Mapping[str, Plain] = field(default_factory=dict)

    def record(self, asking: Asking, engine_version: str) -> Answer:
        """Return the record: everything that an explanation or a replay needs."""
        decision = self.verdict.decision
        said: Answer = {
            "decision": self.verdict.id,
            "tool": self.tool,
            "action": self.verdict.action.name,
            "params": dict(self.params),
            "instance": self.instance,
            "reason": self.reason,
            "outcome": self.outcome,
            "verdict": decision.verdict.value,
            "because": self.verdict.reasons(),
            "warnings": [finding.rule for finding in decision.warnings],
            "shadow": [because(finding) for finding in decision.shadow],
            "claimed": decision.claimed and dict(decision.claimed),
            "facts": asking.facts,
            "session": asking.session,
            "actor": asking.caller.actor.record(tuple(mode.name for mode in asking.modes)),
            "endpoint": asking.caller.endpoint,
            "correlation_id": asking.caller.correlation_id,
            "snapshot": asking.snapshot.digest,
            "git_commit": asking.snapshot.git_commit,
            "engine": engine_version,
            **self.extra,
        }
        return {name: value for name, value in said.items() if value or value in KEPT}
