"""Where an instance stands according to its history alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from bylaw.base.plain import Plain, Record
from bylaw.model.history import HistoryEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """Where an instance stands according to its history."""

    version: int
    states: tuple[str, ...]
    data: Record


def replay(entries: Iterable[HistoryEntry]) -> Replayed:
    """Tell version, states and data from the entries, oldest first."""
    version, states, data = 0, tuple[str, ...](), dict[str, Plain]()
    for entry in entries:
        version, states = entry.version, entry.states
        data.update(entry.changed)
    return Replayed(version=version, states=states, data=data)
