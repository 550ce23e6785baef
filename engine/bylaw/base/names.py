"""Names: which are allowed, which mean the same, and which one the author may have meant."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

# What stands in expressions.
SNAKE = re.compile(r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$")


def folded(name: str) -> str:
    """Return the name as it compares: `-` and `_` are alike, case does not count."""
    return name.replace("_", "-").lower()


def nearest(
    word: str, names: Iterable[str], *, limit: int = 3, likeness: float = 0.6
) -> tuple[str, ...]:
    """Return the names that the word may have been meant to be, likeliest first."""
    by_fold = {folded(name): name for name in sorted(names)}
    found = get_close_matches(folded(word), by_fold, n=limit, cutoff=likeness)
    return tuple(by_fold[name] for name in found)


def did_you_mean(word: str, names: Iterable[str], *, likeness: float = 0.6) -> str:
    """Return the hint ``did you mean `x`?``, or an empty text if nothing is near."""
    found = nearest(word, names, limit=1, likeness=likeness)
    return f"did you mean `{found[0]}`?" if found else ""


def sentence(text: str) -> str:
    """Return a message or hint as a sentence: a capital before, a full stop behind."""
    text = text.strip()
    end = "" if text.endswith((".", "?", "!")) else "."
    return f"{text[:1].upper()}{text[1:]}{end}" if text else ""
