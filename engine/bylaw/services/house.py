"""What every use case works with: the live snapshot, the store, the clock and ids."""

from dataclasses import dataclass

from bylaw.services.asking import Clock, NewId
from bylaw.services.definitions import Definitions
from bylaw.services.journal import Journal
from bylaw.services.snapshots import Snapshots
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
