"""Shared records of a team: tasks, roadmap, logs; not the data of an instance."""

from dataclasses import dataclass
from datetime import datetime

from bylaw.base.plain import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextRecord:
    """One record. The text of `key` before its first `/` is its collection."""

    scope: str
    key: str
    value: Plain
    version: int
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A collection of records, how many there are and when the last one changed."""

    name: str
    count: int
    updated_at: datetime
