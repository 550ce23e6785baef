"""What a plain scalar means: YAML 1.2's null, booleans and numbers; all else is text.

YAML 1.1 would make more of it (`on`, `no`, `010`, `1_000`, `12:30:00`, dates): not here.
"""

import math
import re

from bylaw.base.plain import Plain
from bylaw.load.limits import MAX_INTEGER

CONSTANTS: dict[str, Plain] = {"": None, "~": None, "null": None, "true": True, "false": False}
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<rest>(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)\Z")
NUMBER_STARTS = frozenset("-0123456789")
LONGEST_INTEGER = len(str(-MAX_INTEGER))


class TooLargeNumber(ValueError):
    """A number that no reader of JSON holds."""


def resolve(text: str) -> Plain:
    """Return the value of a plain scalar. Raises TooLargeNumber."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    found = NUMBER.match(text) if text[0] in NUMBER_STARTS else None
    if found is None:
        return text
    return _fraction(text) if found["rest"] else _whole(text)


def _whole(text: str) -> int:
    if len(text) > LONGEST_INTEGER or abs(int(text)) > MAX_INTEGER:
        raise TooLargeNumber(text)
    return int(text)


def _fraction(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise TooLargeNumber(text)
    return number
