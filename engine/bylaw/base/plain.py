"""Plain values: what JSON can say, its canonical text, and its digest."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

type_names = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    tuple: "a list",
    dict: "a mapping",
    type(None): "null",
}

# A value that JSON can say. Recursive aliases cost more in casts than they find here.
Plain = Any
Record = Mapping[str, Any]


def canonical(value: Plain) -> str:
    """Return the value as JSON text that is equal for equal values, whatever the key order."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Plain) -> str:
    """Return the SHA-256 of the canonical text, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def name_of_type(value: Plain) -> str:
    """Return what an author would call this kind of value: `a text`, `a list`."""
    return type_names.get(type(value), "a value")
