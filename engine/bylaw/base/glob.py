r"""Globs over names and paths: `*` within a segment, `**` across, `?` one character.

Paths are compared as what they mean: `./a`, `a//b`, `a/x/../b` and `a\b` are brought to one
form first, so that `config/../.env` is `.env`. In a glob over paths

- `*` is any run of characters within a segment (a leading dot counts as any other),
  `?` one character, `[abc]`, `[a-z]` and `[!abc]` one of a set;
- `**` as a whole segment is any number of segments, none too: `**/x` fits `x`, and `a/**` fits
  the folder `a` itself and all below it; a glob that ends in `/` means the same;
- a leading `~` is a home folder: `~`, `~ana`, `$HOME`, a folder in `/home` or `/Users`, or that
  of the superuser.

A match never raises and takes time in proportion to the path: what stands between two stars is
sought once, from the left, and kept (atomic groups), which is all that a glob can need.
"""

import re
from functools import lru_cache

ODD_PATH = re.compile(r"\\|//|(?:^|/)\.{1,2}(?:/|\Z)|[^/]/\Z", re.DOTALL)
SEGMENT_PARTS = re.compile(r"\[!?[^\]]+\]|\*+|\?|[^*?]", re.DOTALL)
CLASS_PARTS = re.compile(r"(.)-(.)|(.)", re.DOTALL)
HOMES = (r"~[^/]*", r"\$HOME", r"\$\{HOME\}", "/root", r"(?:[A-Za-z]:)?/(?:home|Users)/[^/]+")
HOME = f"(?:{'|'.join(HOMES)})/"
NEVER = r"(?!)"


@lru_cache(maxsize=4096)
def name_pattern(glob: str) -> re.Pattern[str]:
    """Return the pattern of a glob over action names; `*` crosses the dots."""
    return re.compile("".join(".*" if c == "*" else re.escape(c) for c in glob) + r"\Z")


def name_matches(name: str, glob: str) -> bool:
    """Say whether an action's name fits `file.*`, `*` or an exact name."""
    return name_pattern(glob).match(name) is not None


@lru_cache(maxsize=4096)
def path_pattern(globs: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of the closed paths that fit at least one of these globs."""
    return re.compile("|".join(map(_path, globs)) or NEVER, re.DOTALL)


def path_matches(path: str, glob: str) -> bool:
    """Say whether a path fits `tasks/**`, `*.md` or an exact path."""
    return path_pattern((glob,)).match(closed(path)) is not None


def closed(path: str) -> str:
    """Return the path in its one form, each segment closed by a slash: `src/a.py/`."""
    plain = path if ODD_PATH.search(path) is None else _normal(path)
    return plain if plain == "" or plain.endswith("/") else plain + "/"


def _normal(path: str) -> str:
    """Take out `.`, `..`, doubled and trailing slashes; nothing is looked up on a disk."""
    path = path.replace("\\", "/")
    root = "/" if path.startswith("/") else ""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif segment not in {"", "."} and not (root and segment == ".."):
            kept.append(segment)
    return root + "/".join(kept)


def _path(glob: str) -> str:
    """Return the pattern of one glob; the runs of segments between its `**` are sought in turn."""
    below = len(glob) > 1 and glob.endswith("/")
    segments = closed(glob).split("/")[:-1] + ["**"] * below
    home = segments[:1] == ["~"]
    first, *others = _runs(segments[1:] if home else segments)
    start = (HOME if home else "") + first
    if not others:
        return start + r"\Z"
    middle = "".join(f"(?>(?:[^/]*/)*?{run})" for run in others[:-1] if run)
    return f"{start}{middle}(?:[^/]*/)*{others[-1]}\\Z"


def _runs(segments: list[str]) -> list[str]:
    """Return the patterns of the runs of segments before, between and behind the `**`."""
    runs = [""]
    for segment in segments:
        if segment == "**":
            runs.append("")
        else:
            runs[-1] += _segment(segment) + "/"
    return runs


def _segment(segment: str) -> str:
    if segment and not segment.strip("*"):
        return "[^/]+"
    first, *others = _chunks(segment)
    if not others:
        return first
    middle = "".join(f"(?>[^/]*?{chunk})" for chunk in others[:-1] if chunk)
    return f"{first}{middle}[^/]*{others[-1]}"


def _chunks(segment: str) -> list[str]:
    """Return the patterns of what stands before, between and behind the stars."""
    chunks = [""]
    for part in SEGMENT_PARTS.findall(segment):
        if part.startswith("*"):
            chunks.append("")
        else:
            chunks[-1] += _one(part)
    return chunks


def _one(part: str) -> str:
    """Return the pattern of one character."""
    if part == "?":
        return "[^/]"
    return _class(part[1:-1]) if len(part) > 1 else re.escape(part)


def _class(inner: str) -> str:
    negated = len(inner) > 1 and inner.startswith("!")
    spans = "".join(
        _span(low or single, high or single)
        for low, high, single in CLASS_PARTS.findall(inner[1:] if negated else inner)
    )
    if negated:
        return f"[^/{spans}]"
    return f"[{spans}]" if spans else NEVER


def _span(low: str, high: str) -> str:
    return f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""
