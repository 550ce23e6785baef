"""Calls that follow from a step, as the store keeps them until they have an end."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bylaw.base.plain import Plain, Record


class EffectStatus(StrEnum):
    """Where a call stands. `late`: its end came after the state that awaited it was left."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    LATE = "late"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEffect:
    """One call of `do`, `run` or of a caller.

    `awaited` is true for `run`: `state` and `entry` then say which entry of which state waits
    for its end under `name`. `key` is the same at every attempt, so that the other side can
    tell a repetition. `attempts` counts the times it was begun.
    """

    scope: str
    id: str
    instance: str | None
    state: str = ""
    entry: int = 0
    name: str
    action: str
    params: Record = field(default_factory=dict)
    actor: str
    awaited: bool = False
    retry: int = 0
    timeout_s: float | None = None
    key: str
    status: EffectStatus = EffectStatus.PENDING
    attempts: int = 0
    message: str = ""
    result: Plain = None
    created_at: datetime
    ended_at: datetime | None = None
