"""Checks that a JSON Schema of an author says what Bylaw can read, with places and hints."""

from collections.abc import Callable, Iterator
from typing import Any

import re2

from bylaw.base.names import did_you_mean
from bylaw.base.node import Mapping, Node, Scalar, Sequence, plain
from bylaw.base.plain import Plain, name_of_type
from bylaw.base.problem import Problem
from bylaw.compile.fit import FORMATS, TYPE_NAMES, is_number, is_whole, search

DEEPEST = 16

Look = Callable[[Node], Iterator[Problem]]


def schema_problems(node: Node, *, depth: int = 0) -> Iterator[Problem]:
    """Give what is wrong with a schema, at any depth."""
    if not isinstance(node, Mapping):
        yield _wants(node, "a JSON Schema such as `{type: string}`")
        return
    if depth > DEEPEST:
        yield Problem(node.place, "too-deep", f"this schema is deeper than {DEEPEST} levels")
        return
    for key, value in node.entries:
        yield from _keyword_problems(key, value, depth=depth)
    yield from _order_problems(node)


def _keyword_problems(key: Scalar, value: Node, *, depth: int) -> Iterator[Problem]:
    name = str(key.value)
    if name in LOOKS:
        yield from LOOKS[name](value)
    elif name in NESTED:
        yield from NESTED[name](value, depth + 1)
    else:
        message = f"`{name}` is not a keyword of the JSON Schemas that Bylaw reads"
        yield Problem(key.place, "unknown-key", message, did_you_mean(name, KEYWORDS))


def _wants(node: Node, what: str) -> Problem:
    value = plain(node)
    said = f"`{value}`" if isinstance(value, str | int | float) else name_of_type(value)
    if isinstance(value, bool):
        said = f"`{str(value).lower()}`"
    if value == []:
        said = "an empty list"
    return Problem(node.place, "type", f"{said} stands where {what} belongs")


def _value(test: Callable[[Any], bool], what: str) -> Look:
    """Return a look at one value."""

    def look(node: Node) -> Iterator[Problem]:
        if not test(plain(node)):
            yield _wants(node, what)

    return look


def _is_count(value: Plain) -> bool:
    return is_whole(value) and value >= 0


def _is_step(value: Plain) -> bool:
    return is_number(value) and value > 0


def _texts(node: Node) -> Iterator[Problem]:
    if not isinstance(node, Sequence):
        yield _wants(node, "a list of names")
        return
    for item in node:
        if not isinstance(plain(item), str):
            yield _wants(item, "a name")


def _type(node: Node) -> Iterator[Problem]:
    for item in node.items if isinstance(node, Sequence) else (node,):
        name = plain(item)
        if name not in [*TYPE_NAMES]:
            hint = did_you_mean(str(name), TYPE_NAMES) or "one of " + ", ".join(TYPE_NAMES)
            yield Problem(item.place, "type", f"`{name}` is not a type", hint)


def _choices(node: Node) -> Iterator[Problem]:
    if not isinstance(node, Sequence) or not node.items:
        yield _wants(node, "a list of at least one value")


def _pattern(node: Node) -> Iterator[Problem]:
    text = plain(node)
    if not isinstance(text, str):
        yield _wants(node, "a regular expression")
        return
    try:
        search(text)
    except (re2.error, UnicodeError) as error:
        why = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else ""
        message = f"`{text}` is not a regular expression that Bylaw can run: {why}".rstrip(": ")
        hint = "lookaround and references back are left out, so that matching takes linear time"
        yield Problem(node.place, "regex", message, hint)


def _format(node: Node) -> Iterator[Problem]:
    name = str(plain(node))
    if name not in FORMATS:
        hint = did_you_mean(name, FORMATS) or "one of " + ", ".join(FORMATS)
        yield Problem(node.place, "unknown-ref", f"`{name}` is not a format", hint)


def _schema(node: Node, depth: int) -> Iterator[Problem]:
    yield from schema_problems(node, depth=depth)


def _schema_or_truth(node: Node, depth: int) -> Iterator[Problem]:
    if not isinstance(plain(node), bool):
        yield from schema_problems(node, depth=depth)


def _schemas(node: Node, depth: int) -> Iterator[Problem]:
    if not isinstance(node, Sequence) or not node.items:
        yield _wants(node, "a list of JSON Schemas")
        return
    for item in node:
        yield from schema_problems(item, depth=depth)


def _named_schemas(node: Node, depth: int) -> Iterator[Problem]:
    if not isinstance(node, Mapping):
        yield _wants(node, "a mapping of names to JSON Schemas")
        return
    for _, value in node.entries:
        yield from schema_problems(value, depth=depth)


def _order_problems(node: Mapping) -> Iterator[Problem]:
    """Give the bounds that no value can keep."""
    for low, high in BOUNDS:
        least, most = node.get(low), node.get(high)
        if least is None or most is None:
            continue
        lowest, highest = plain(least), plain(most)
        if is_number(lowest) and is_number(highest) and lowest > highest:
            message = f"`{low}` is {lowest} and `{high}` is {highest}: nothing fits"
            yield Problem(least.place, "range", message)


BOUNDS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)

A_NUMBER = _value(is_number, "a number")
A_COUNT = _value(_is_count, "a whole number from 0")
A_TRUTH = _value(lambda value: isinstance(value, bool), "true or false")
A_TEXT = _value(lambda value: isinstance(value, str), "a text")
A_VALUE = _value(lambda _: True, "a value")

LOOKS: dict[str, Look] = {
    "type": _type,
    "enum": _choices,
    "const": A_VALUE,
    "default": A_VALUE,
    "examples": _choices,
    "$comment": A_TEXT,
    "title": A_TEXT,
    "description": A_TEXT,
    **dict.fromkeys(("deprecated", "readOnly", "writeOnly"), A_TRUTH),
    "format": _format,
    "pattern": _pattern,
    "required": _texts,
    "multipleOf": _value(_is_step, "a number above 0"),
    "uniqueItems": A_TRUTH,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), A_NUMBER),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), A_COUNT),
    **dict.fromkeys(("minProperties", "maxProperties"), A_COUNT),
}

NESTED: dict[str, Callable[[Node, int], Iterator[Problem]]] = {
    "items": _schema,
    "not": _schema,
    "properties": _named_schemas,
    "additionalProperties": _schema_or_truth,
    "anyOf": _schemas,
    "oneOf": _schemas,
    "allOf": _schemas,
}

KEYWORDS = (*LOOKS, *NESTED)
