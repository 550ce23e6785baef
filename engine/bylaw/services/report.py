"""One event as it was reported, as its use cases hand it on."""

from collections.abc import Mapping
from dataclasses import dataclass

from bylaw.base.plain import Plain, Record
from bylaw.model.action import Action
from bylaw.model.event import Event
from bylaw.model.workflow import TriggerKind
from bylaw.services.asking import Asking
from bylaw.services.deciding import Verdict
from bylaw.services.writing import Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One event as it was reported, once it may be. `params` are as the rules changed them."""

    asking: Asking
    event: Event
    action: Action
    params: Record
    arguments: Mapping[str, Plain]
    verdict: Verdict

    @property
    def stamp(self) -> Stamp:
        """Return who sets the steps off."""
        return Stamp(
            actor=self.asking.caller.actor.id,
            now=self.asking.now,
            kind=TriggerKind.EVENT,
            trigger=self.event.name,
            decision=self.verdict.id,
        )

    def once(self, target: str) -> dict[str, Plain]:
        """Return the arguments by which a repeated report is known for one instance."""
        sent: dict[str, Plain] = {
            "event": self.event.name,
            "params": self.arguments.get("params", {}),
        }
        number = self.arguments.get("id")
        key = {"idempotency_key": f"event:{number}@{target}"} if number is not None else {}
        return {**sent, **key}
