"""Durations as authors write them: `30s`, `5m`, `4h`, `3d`, `2w`, `300ms`."""

import re
from datetime import timedelta

DURATION = re.compile(r"^(?P<count>[1-9][0-9]{0,5})(?P<unit>ms|s|m|h|d|w)$")
UNITS_S = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def parse_duration(text: str) -> timedelta | None:
    """Return the duration, or nothing if the text is not one."""
    found = DURATION.match(text)
    if found is None:
        return None
    return timedelta(seconds=int(found["count"]) * UNITS_S[found["unit"]])
