"""The one clock and the one source of ids; everything else is given them."""

import os
from collections import deque
from datetime import UTC, datetime

# Digits of 64 random bits each. Asking the system for a few bytes costs as much as for many.
drawn: deque[str] = deque()
DIGITS, PIECES = 16, 128

# A process that is forked draws its own.
os.register_at_fork(after_in_child=drawn.clear)


def now() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the clock that the others ask


def new_id(prefix: str) -> str:
    """Return a new id: `dec_3f9a…`, 64 random bits."""
    try:
        return f"{prefix}_{drawn.pop()}"
    except IndexError:
        digits = os.urandom(PIECES * DIGITS // 2).hex()
        drawn.extend(digits[at : at + DIGITS] for at in range(0, len(digits), DIGITS))
        return new_id(prefix)


def new_call_id() -> str:
    """Return a new id for one call, as answers and the log name it: 48 random bits."""
    return new_id("req")[:16]
