"""One call of `run_action`, as its use cases hand it on."""

from collections.abc import Mapping
from dataclasses import dataclass

from bylaw.base.plain import Plain, Record
from bylaw.model.action import Action
from bylaw.model.workflow import TriggerKind
from bylaw.services.asking import Asking
from bylaw.services.deciding import Entry, Verdict
from bylaw.services.writing import Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One call of `run_action`, once its action is found and its params fit."""

    asking: Asking
    action: Action
    params: Record
    arguments: Mapping[str, Plain]
    decision_id: str

    def stamp(self, verdict: Verdict) -> Stamp:
        """Return who sets the step off, and under which decision."""
        return Stamp(
            actor=self.asking.caller.actor.id,
            now=self.asking.now,
            kind=TriggerKind.ACTION,
            trigger=self.action.name,
            decision=verdict.id,
            reason=self.arguments.get("reason", ""),
        )

    def entry(self, verdict: Verdict, outcome: str, instance: str = "") -> Entry:
        """Return what the audit keeps of this run."""
        return Entry(
            verdict=verdict,
            tool="run_action",
            params=self.params,
            outcome=outcome,
            instance=instance,
            reason=self.arguments.get("reason", ""),
        )
