"""The kinds of values that can be told before anything runs."""

from datetime import datetime
from enum import Enum

from bylaw.base.plain import Plain


class Kind(Enum):
    """What a part of an expression gives; ANY where only a run can tell."""

    ANY = "a value"
    BOOLEAN = "true or false"
    NUMBER = "a number"
    TEXT = "a text"
    LIST = "a list"
    RECORD = "a mapping"
    NULL = "null"
    MOMENT = "a moment"


KINDS: dict[type, Kind] = {
    bool: Kind.BOOLEAN,
    int: Kind.NUMBER,
    float: Kind.NUMBER,
    str: Kind.TEXT,
    list: Kind.LIST,
    tuple: Kind.LIST,
    dict: Kind.RECORD,
    type(None): Kind.NULL,
    datetime: Kind.MOMENT,
}


def kind_of_value(value: Plain) -> Kind:
    """Return the kind of a constant."""
    return KINDS.get(type(value), Kind.ANY)
