"""Answers that are kept so that a call repeated with its idempotency key gets them again."""

from dataclasses import dataclass
from datetime import datetime

from bylaw.base.plain import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """The answer of one committed call; `call` is the digest of the call it belongs to."""

    scope: str
    actor: str
    key: str
    call: str
    answer: Record
    created_at: datetime
