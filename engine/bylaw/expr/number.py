"""Arithmetic with bounds: numbers only, and texts and lists where they are joined."""

import math
import re
from datetime import datetime, timedelta
from typing import TypeAlias, TypeVar

from bylaw.base.plain import Plain
from bylaw.expr.failure import Failure, needs

LARGEST = 2**63
LONGEST_TEXT = 1_000_000
LONGEST_LIST = 10_000
# What a float holds.
MOST_PLACES = 15
NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?(?:[eE][+-]?[0-9]{1,2})?")

Number: TypeAlias = int | float
Joined = TypeVar("Joined", str, list[Plain])


def number_of(value: Plain) -> Number:
    """Return the value if it is a number. Raises Failure."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise needs("a number", value)
    return value


def bounded(value: Number) -> Number:
    """Return the number if it is not too large. Raises Failure."""
    if not -LARGEST < value < LARGEST:
        raise Failure("the number is too large")
    return value


def add(left: Plain, right: Plain) -> Plain:
    """Add numbers, join texts or lists, or move a moment by seconds."""
    if isinstance(left, str) and isinstance(right, str):
        return _joined(left, right, LONGEST_TEXT)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return _joined([*left], [*right], LONGEST_LIST)
    if isinstance(left, datetime):
        return left + timedelta(seconds=number_of(right))
    if isinstance(left, str) or isinstance(right, str):
        raise Failure("a text is joined with a text only: write `text(…)` around the other")
    return bounded(number_of(left) + number_of(right))


def _joined(left: Joined, right: Joined, limit: int) -> Joined:
    if len(left) + len(right) > limit:
        raise Failure(f"what is joined is longer than {limit}")
    return left + right


def subtract(left: Plain, right: Plain) -> Plain:
    """Subtract numbers; two moments give seconds, a moment and seconds a moment."""
    if isinstance(left, datetime):
        if isinstance(right, datetime):
            return (left - right).total_seconds()
        return left - timedelta(seconds=number_of(right))
    return bounded(number_of(left) - number_of(right))


def multiply(left: Plain, right: Plain) -> Plain:
    """Multiply numbers; nothing else is repeated."""
    return bounded(number_of(left) * number_of(right))


def divide(left: Plain, right: Plain) -> Plain:
    """Divide numbers; the outcome has a fraction."""
    return bounded(number_of(left) / number_of(right))


def floor_divide(left: Plain, right: Plain) -> Plain:
    """Divide numbers and leave the fraction out, downwards."""
    return bounded(number_of(left) // number_of(right))


def modulo(left: Plain, right: Plain) -> Plain:
    """Return what a division leaves; it has the sign of the divisor."""
    return bounded(number_of(left) % number_of(right))


def negative(value: Plain) -> Plain:
    """Return the number with the other sign."""
    return bounded(-number_of(value))


def absolute(value: Plain) -> Plain:
    """Return the number without its sign."""
    return bounded(abs(number_of(value)))


def rounded(value: Plain, digits: Plain = 0) -> Plain:
    """Return the number with so many decimal places; halves go to the even neighbour."""
    places = number_of(digits)
    if not isinstance(places, int) or not 0 <= places <= MOST_PLACES:
        raise Failure(f"from 0 to {MOST_PLACES} decimal places are possible")
    return bounded(round(number_of(value), places or None))


def to_number(value: Plain) -> Plain:
    """Return the number that a text says."""
    if not isinstance(value, str):
        return number_of(value)
    text = value.strip()
    if NUMBER.fullmatch(text) is None:
        raise Failure("this text is not a number")
    return bounded(float(text) if set(text) & set(".eE") else int(text))


def to_int(value: Plain) -> Plain:
    """Return the whole number of a number or text, without its fraction."""
    return bounded(math.trunc(to_number(value)))


def _numbers(values: tuple[Plain, ...]) -> list[Plain]:
    """Return what is compared: the one list, or the arguments themselves."""
    if len(values) != 1:
        return list(values)
    if not isinstance(values[0], list | tuple):
        raise needs("a list", values[0])
    return list(values[0])


def least(*values: Plain) -> Plain:
    """Return the least of the arguments, or of the one list."""
    return min(_not_empty(_numbers(values)))


def greatest(*values: Plain) -> Plain:
    """Return the greatest of the arguments, or of the one list."""
    return max(_not_empty(_numbers(values)))


def _not_empty(values: list[Plain]) -> list[Plain]:
    if not values:
        raise Failure("the list is empty")
    return values


def total(values: Plain) -> Plain:
    """Return the sum of a list of numbers."""
    return bounded(sum(map(number_of, _numbers((values,)))))
