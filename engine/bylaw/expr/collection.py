"""Functions over lists and records; each gives a new one and leaves its arguments as they are."""

from collections.abc import Mapping, Sequence

from bylaw.base.plain import Plain
from bylaw.expr.failure import Failure, needs
from bylaw.expr.number import LONGEST_LIST
from bylaw.expr.text import string

LONGEST_UNHASHABLE = 1_000


def items(value: Plain) -> Sequence[Plain]:
    """Return the value if it is a list. Raises Failure."""
    if not isinstance(value, list | tuple):
        raise needs("a list", value)
    return value


def record(value: Plain) -> Mapping[str, Plain]:
    """Return the value if it is a record. Raises Failure."""
    if not isinstance(value, Mapping):
        raise needs("a mapping", value)
    return value


def length(value: Plain) -> int:
    """Return how many characters, items or fields there are."""
    if not isinstance(value, str | list | tuple | frozenset | Mapping):
        raise needs("a text, list or mapping", value)
    return len(value)


def contains(where: Plain, what: Plain) -> bool:
    """Say whether a text, list or record has this text, item or field."""
    if isinstance(where, str):
        return string(what) in where
    if not isinstance(where, list | tuple | frozenset | Mapping):
        raise needs("a text, list or mapping", where)
    return what in where


def append(values: Plain, item: Plain) -> Plain:
    """Return the list with one more item at its end."""
    if len(items(values)) >= LONGEST_LIST:
        raise Failure(f"the list has {LONGEST_LIST} items already")
    return [*values, item]


def remove(values: Plain, item: Plain) -> Plain:
    """Return the list without this item, wherever it stands."""
    return [one for one in items(values) if one != item]


def merge(first: Plain, second: Plain) -> Plain:
    """Return the fields of both records; those of the second win."""
    return {**record(first), **record(second)}


def unique(values: Plain) -> Plain:
    """Return the list with each item once, in the order of the first ones."""
    try:
        return list(dict.fromkeys(items(values)))
    except TypeError:
        return _unique_records(values)


def _unique_records(values: Sequence[Plain]) -> Plain:
    if len(values) > LONGEST_UNHASHABLE:
        raise Failure(f"there are more than {LONGEST_UNHASHABLE} items")
    found: list[Plain] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def any_of(values: Plain) -> bool:
    """Say whether one of the truth values is true, wherever it stands."""
    return _decided(values, by=True)


def all_of(values: Plain) -> bool:
    """Say whether all of the truth values are true; one false decides, wherever it stands."""
    return not _decided(values, by=False)


def _decided(values: Plain, *, by: bool) -> bool:
    others = [value for value in items(values) if value is not (not by)]
    if any(value is by for value in others):
        return True
    for value in others:
        raise needs("true or false", value)
    return False
