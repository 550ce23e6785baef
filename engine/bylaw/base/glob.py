"""Globs over names and paths: `*` within a segment, `**` across, `?`, `[a-z]`, `{a,b}` not."""

import re
from functools import lru_cache


@lru_cache(maxsize=4096)
def name_pattern(glob: str) -> re.Pattern[str]:
    """Return the pattern of a glob over action names; `*` crosses the dots."""
    return re.compile("".join(".*" if c == "*" else re.escape(c) for c in glob) + r"\Z")


def name_matches(name: str, glob: str) -> bool:
    """Say whether an action's name fits `file.*`, `*` or an exact name."""
    return name_pattern(glob).match(name) is not None
