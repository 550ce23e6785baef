"""The history of an instance: one entry for each version, from which its state can be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bylaw.base.plain import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """What one step did: who set it off, which transitions were taken, what changed.

    `trigger` is the name of the action, event, timer or call and `kind` says which of them;
    `states` are all active states after the step; `changed` has the fields of data that the
    step wrote, with their new values. `definition` is the one that was followed.
    """

    scope: str
    instance: str
    version: int
    at: datetime
    actor: str
    kind: str
    trigger: str
    transitions: tuple[str, ...]
    states: tuple[str, ...]
    changed: Mapping[str, Plain] = field(default_factory=dict)
    definition: str
    decision: str | None = None
    reason: str = ""
