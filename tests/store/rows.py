"""Builders of rows with defaults, for the tests of the store."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bylaw.model.answer import StoredAnswer
from bylaw.model.audit import AuditRecord
from bylaw.model.effect import StoredEffect
from bylaw.model.history import HistoryEntry
from bylaw.model.instance import Instance
from bylaw.model.timer import StoredTimer

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def instance(key: str = "a", **changes: Any) -> Instance:
    """Return an open instance of the workflow `review`."""
    values: dict[str, Any] = {
        "scope": "main",
        "id": f"review:{key}",
        "workflow": "review",
        "key": key,
        "definition": "d1",
        "states": ("open", "open.asked"),
        "entries": {"open": 1, "open.asked": 2},
        "entered": 2,
        "data": {"branch": key, "number": 1},
        "version": 1,
        "closed": False,
        "started_by": "ana",
        "started_at": NOW,
        "moved_at": NOW,
    }
    return Instance(**values | changes)


def entry(version: int = 1, **changes: Any) -> HistoryEntry:
    """Return what a step of `review:a` did."""
    values: dict[str, Any] = {
        "scope": "main",
        "instance": "review:a",
        "version": version,
        "at": NOW,
        "actor": "ana",
        "kind": "action",
        "trigger": "review.approve",
        "transitions": ("review/open.approve",),
        "states": ("open",),
        "changed": {"approvals": version},
        "definition": "d1",
        "decision": "dec_1",
        "reason": "it is good",
    }
    return HistoryEntry(**values | changes)


def effect(effect_id: str = "eff_1", **changes: Any) -> StoredEffect:
    """Return a call that `review:a` awaits in `merging`."""
    values: dict[str, Any] = {
        "scope": "main",
        "id": effect_id,
        "instance": "review:a",
        "state": "merging",
        "entry": 3,
        "name": "git.merge",
        "action": "git.merge",
        "params": {"branch": "a"},
        "actor": "ana",
        "awaited": True,
        "retry": 2,
        "timeout_s": 1.5,
        "key": f"key-{effect_id}",
        "created_at": NOW,
    }
    return StoredEffect(**values | changes)


def timer(name: str = "remind", **changes: Any) -> StoredTimer:
    """Return a timer of the second entry of `open.asked` of `review:a`."""
    values: dict[str, Any] = {
        "scope": "main",
        "instance": "review:a",
        "state": "open.asked",
        "entry": 2,
        "name": name,
        "due_at": NOW + MINUTE,
    }
    return StoredTimer(**values | changes)


def answer(key: str = "k1", **changes: Any) -> StoredAnswer:
    """Return an answer to a call of `ana`."""
    values: dict[str, Any] = {
        "scope": "main",
        "actor": "ana",
        "key": key,
        "call": "digest-1",
        "answer": {"ok": True},
        "created_at": NOW,
    }
    return StoredAnswer(**values | changes)


def record(record_id: str = "dec_1", **changes: Any) -> AuditRecord:
    """Return the record of a decision."""
    values: dict[str, Any] = {
        "scope": "main",
        "at": NOW,
        "kind": "decision",
        "id": record_id,
        "actor": "ana",
        "action": "review.approve",
        "instance": "review:a",
        "body": {"verdict": "allow"},
    }
    return AuditRecord(**values | changes)
