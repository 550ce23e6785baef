"""Timers of states, as the store keeps them: absolute deadlines of one entry of a state."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TimerStatus(StrEnum):
    """Where a timer stands."""

    WAITING = "waiting"
    FIRED = "fired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTimer:
    """One timer; instance, state, entry and name identify it."""

    scope: str
    instance: str
    state: str
    entry: int
    name: str
    due_at: datetime
    status: TimerStatus = TimerStatus.WAITING
