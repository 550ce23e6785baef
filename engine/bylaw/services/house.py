"""What every use case works with: the live snapshot, the store, the clock and ids."""

from dataclasses import dataclass

from bylaw.base.errors import BylawError
from bylaw.base.plain import Record
from bylaw.compile.house import Compiled
from bylaw.model.snapshot import Snapshot
from bylaw.services.asking import Clock, NewId
from bylaw.services.definitions import Definitions
from bylaw.services.journal import Journal
from bylaw.services.snapshots import Snapshots, secret_values
from bylaw.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The things that the use cases share; `app/wiring.py` makes the one there is."""

    snapshots: Snapshots
    store: Store
    definitions: Definitions
    journal: Journal
    clock: Clock
    new_id: NewId

    def make_live(self, compiled: Compiled) -> None:
        """Make a compiled house live, with the names and the secrets that belong to it."""
        snapshot = needed(compiled)
        self.definitions.context = compiled.context
        self.journal.redactor.learn(secret_values(snapshot))
        self.snapshots.swap(snapshot)

    def note(self, outcome: str, body: Record) -> None:
        """Have the audit say what came of a reload, or of a pin."""
        named = {"outcome": outcome, **body}
        self.journal.add(
            self.journal.happening("reload", self.new_id("rel"), named, now=self.clock())
        )


def needed(compiled: Compiled) -> Snapshot:
    """Return the snapshot of a house that compiled."""
    if compiled.snapshot is None or compiled.context is None:
        raise BylawError("only a compiled house can go live")
    return compiled.snapshot
