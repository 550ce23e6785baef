"""The one clock and the one source of ids; everything else is given them."""

import secrets
from datetime import UTC, datetime


def now() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the clock that the others ask


def new_id(prefix: str) -> str:
    """Return a new id: `dec_3f9a…`, 64 random bits."""
    return f"{prefix}_{secrets.token_hex(8)}"
