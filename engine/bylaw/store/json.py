"""JSON as it is stored: the same text on both databases, and only what both can keep."""

import json
import re

from bylaw.base.errors import Unstorable
from bylaw.base.plain import Plain

ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
# PostgreSQL cannot look into JSON that has a NUL, and UTF-8 has no halves of a pair.
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def dump(value: Plain) -> str:
    """Return the value as JSON text, keys in the order they have.

    Raises:
        Unstorable: a text has a character, or a number is of a size, that JSON does not know.
    """
    try:
        text = ENCODER.encode(value)
        text.encode()
    except ValueError as error:
        raise Unstorable from error
    if "\\u0000" in text and NUL.search(text):
        raise Unstorable
    return text


def load(text: str) -> Plain:
    """Return the value of a stored text."""
    return json.loads(text)
