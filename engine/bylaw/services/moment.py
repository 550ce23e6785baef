"""Moments as answers write them."""

from datetime import datetime


def iso(moment: datetime) -> str:
    """Return a moment in UTC to the second: `2026-11-20T10:00:00Z`."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
