"""Globs over names and paths: `*` within a segment, `**` across, `?` one character."""

import re
from functools import lru_cache

PATH_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]", re.DOTALL)
WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@lru_cache(maxsize=4096)
def name_pattern(glob: str) -> re.Pattern[str]:
    """Return the pattern of a glob over action names; `*` crosses the dots."""
    return re.compile("".join(".*" if c == "*" else re.escape(c) for c in glob) + r"\Z")


def name_matches(name: str, glob: str) -> bool:
    """Say whether an action's name fits `file.*`, `*` or an exact name."""
    return name_pattern(glob).match(name) is not None


@lru_cache(maxsize=4096)
def path_pattern(glob: str) -> re.Pattern[str]:
    """Return the pattern of a glob over paths; `*` stays in its segment, `**` does not."""
    return re.compile("".join(map(_path_part, PATH_PARTS.findall(glob))) + r"\Z", re.DOTALL)


def path_matches(path: str, glob: str) -> bool:
    """Say whether a path fits `tasks/**`, `*.md` or an exact path."""
    return path_pattern(glob).match(path) is not None


def _path_part(part: str) -> str:
    return WILD.get(part) or re.escape(part)
