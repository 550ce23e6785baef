"""Compiled checks of values against JSON Schemas: the fast twin of `jsonschema`.

Reads the keywords of `keyword.py` and no others; what a schema may hold is checked there.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime
from fractions import Fraction
from functools import partial
from math import isinf
from typing import Any

import re2

from bylaw.base.plain import Plain, Record, canonical, name_of_type
from bylaw.model.shape import Mismatch

# Appends what does not fit; the text is the dotted path to the value.
Check = Callable[[Plain, str, list[Mismatch]], None]
# Says of one value whether it fits.
Test = Callable[[Any], bool]

SHOWN = 40
TYPE_NAMES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}\Z")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
URI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:[^\s<>]+\Z")


def is_number(value: Plain) -> bool:
    """Say whether it is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: Plain) -> bool:
    """Say whether it is a whole number; `2.0` is one, true is not."""
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


TYPES: Mapping[str, Test] = {
    "string": lambda value: isinstance(value, str),
    "integer": is_whole,
    "number": is_number,
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list | tuple),
    "object": lambda value: isinstance(value, Mapping),
    "null": lambda value: value is None,
}


def shown(value: Plain) -> str:
    """Return the value as a message quotes it, cut after 40 characters."""
    text = value if isinstance(value, str) else canonical(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def key_of(value: Plain) -> Hashable:
    """Return what is equal where JSON values are: 1 is 1.0, but neither is true."""
    match value:
        case bool():
            return ("truth", value)
        case Mapping():
            return ("record", frozenset((name, key_of(item)) for name, item in value.items()))
        case list() | tuple():
            return ("list", *map(key_of, value))
        case _:
            return ("value", value)


def search(pattern: str) -> Test:
    """Return a test for a pattern anywhere in a text, in linear time. Raises re2.error."""
    options = re2.Options()
    options.log_errors = False
    found = re2.compile(pattern, options=options).search
    return lambda value: found(value) is not None


def wanted(schema: Record) -> str:
    """Return what a value of this schema is, in an author's words."""
    if "const" in schema:
        return f"`{shown(schema['const'])}`"
    if "enum" in schema:
        return "one of " + ", ".join(f"`{shown(choice)}`" for choice in schema["enum"])
    types = schema.get("type", ())
    names = [types] if isinstance(types, str) else list(types)
    return " or ".join(TYPE_NAMES[name] for name in names) or "a value"


def compile_check(schema: Record) -> Check:
    """Return the check for one schema, which `keyword.py` found to be sound."""
    first = _type_check(schema)
    others = tuple(
        COMPILERS[word](operand, schema) for word, operand in schema.items() if word in COMPILERS
    )
    if not others:
        return first
    return partial(_check_all, first, others)


def _check_all(
    first: Check, others: tuple[Check, ...], value: Plain, path: str, found: list[Mismatch]
) -> None:
    """Check the type, and only where it fits the rest."""
    before = len(found)
    first(value, path, found)
    if len(found) == before:
        for check in others:
            check(value, path, found)


def _fits(check: Check, value: Plain) -> bool:
    found: list[Mismatch] = []
    check(value, "", found)
    return not found


def _type_check(schema: Record) -> Check:
    types = schema.get("type")
    if types is None:
        return lambda _value, _path, _found: None
    tests = tuple(TYPES[name] for name in ([types] if isinstance(types, str) else types))
    expected = wanted({"type": types})
    test = tests[0] if len(tests) == 1 else lambda value: any(one(value) for one in tests)

    def check(value: Plain, path: str, found: list[Mismatch]) -> None:
        if not test(value):
            message = f"`{path}` is {name_of_type(value)}; it wants {expected}"
            found.append(Mismatch(path=path, message=message, expected=expected))

    return check


def _when(applies: Test, fits: Test, expected: str) -> Check:
    """Return a check that concerns one type of value and lets the others pass."""

    def check(value: Plain, path: str, found: list[Mismatch]) -> None:
        if applies(value) and not fits(value):
            said = f"`{shown(value)}`" if value != "" else "empty"
            message = f"`{path}` is {said}; it wants {expected}"
            found.append(Mismatch(path=path, message=message, expected=expected))

    return check


def _anything(_value: Plain) -> bool:
    return True


def _enum(choices: Any, schema: Record) -> Check:
    keys = frozenset(map(key_of, choices))
    return _when(_anything, lambda value: key_of(value) in keys, wanted(schema))


def _const(constant: Any, schema: Record) -> Check:
    key = key_of(constant)
    return _when(_anything, lambda value: key_of(value) == key, wanted(schema))


def _multiple(step: Any, _schema: Record) -> Check:
    return _when(is_number, lambda value: _divides(step, value), f"a multiple of {step}")


def _divides(step: Any, value: Any) -> bool:
    if not isinstance(step, float):
        return bool(value % step == 0)
    quotient = value / step
    # Too large for a float: count exactly, as the reference does.
    exact = Fraction(value) / Fraction(step) if isinf(quotient) else Fraction(quotient)
    return exact.denominator == 1


def _number(fits: Callable[[Any, Any], bool], words: str) -> "Compiler":
    return lambda bound, _: _when(is_number, lambda value: fits(value, bound), f"{words} {bound}")


def _sized(kind: str, fits: Callable[[int, Any], bool], words: str) -> "Compiler":
    """Return what makes a check of the length of a text, list or mapping."""
    return lambda bound, _: _when(
        TYPES[kind], lambda value: fits(len(value), bound), counted(words, bound)
    )


def counted(words: str, bound: int) -> str:
    """Return a bound in words: `at least 1 character`, `at most 3 items`."""
    said = words.format(bound)
    return said.removesuffix("s") if bound == 1 else said


def _pattern(pattern: Any, _schema: Record) -> Check:
    return _when(TYPES["string"], search(pattern), f"a text that matches `{pattern}`")


def _format(name: Any, _schema: Record) -> Check:
    test, words = FORMATS[name]
    return _when(TYPES["string"], test, words)


def _is_date(text: str) -> bool:
    try:
        return len(text) == len("2026-01-31") and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    try:
        return "T" in text and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


# name: the test, and what an author would call such a text
FORMATS: Mapping[str, tuple[Test, str]] = {
    "date": (_is_date, "a day such as `2026-01-31`"),
    "date-time": (_is_moment, "a moment such as `2026-01-31T12:00:00Z`"),
    "email": (lambda text: EMAIL.match(text) is not None, "an address such as `ana@acme.example`"),
    "uri": (lambda text: URI.match(text) is not None, "an address such as `https://acme.example`"),
    "uuid": (lambda text: UUID.match(text) is not None, "a UUID"),
}


def _unique(wants: Any, _schema: Record) -> Check:
    return _when(TYPES["array"], lambda value: not wants or _all_differ(value), "no value twice")


def _all_differ(values: list[Plain]) -> bool:
    return len(set(map(key_of, values))) == len(values)


def _items(schema: Any, _schema: Record) -> Check:
    each = compile_check(schema)

    def check(value: Plain, path: str, found: list[Mismatch]) -> None:
        if isinstance(value, list | tuple):
            for at, item in enumerate(value):
                each(item, f"{path}[{at}]", found)

    return check


def _properties(schemas: Any, _schema: Record) -> Check:
    checks = {name: compile_check(schema) for name, schema in schemas.items()}

    def check(value: Plain, path: str, found: list[Mismatch]) -> None:
        if isinstance(value, Mapping):
            for name in checks.keys() & value.keys():
                checks[name](value[name], f"{path}.{name}", found)

    return check


def _required(names: Any, schema: Record) -> Check:
    known = schema.get("properties", {})

    def check(value: Plain, path: str, found: list[Mismatch]) -> None:
        if isinstance(value, Mapping):
            absent = (name for name in names if name not in value)
            found.extend(missing(f"{path}.{name}", known.get(name, {})) for name in absent)

    return check


def missing(path: str, schema: Record) -> Mismatch:
    """Return what is said of a value that is not there."""
    return Mismatch(
        path=path, message=f"`{path}` is missing", missing=True, expected=wanted(schema)
    )


def _additional(allowed: Any, schema: Record) -> Check:
    known = frozenset(schema.get("properties", ()))
    each: Check = compile_check(allowed) if isinstance(allowed, Mapping) else _unknown

    def check(value: Plain, path: str, found: list[Mismatch]) -> None:
        if allowed is not True and isinstance(value, Mapping):
            for name in value.keys() - known:
                each(value[name], f"{path}.{name}", found)

    return check


def _unknown(_value: Plain, path: str, found: list[Mismatch]) -> None:
    found.append(Mismatch(path=path, message=f"`{path}` is not known"))


def _any_of(schemas: Any, _schema: Record) -> Check:
    checks = tuple(map(compile_check, schemas))
    expected = " or ".join(map(wanted, schemas))
    return _when(_anything, lambda value: any(_fits(one, value) for one in checks), expected)


def _one_of(schemas: Any, _schema: Record) -> Check:
    checks = tuple(map(compile_check, schemas))
    expected = "exactly one of: " + ", ".join(map(wanted, schemas))
    return _when(_anything, lambda value: sum(_fits(one, value) for one in checks) == 1, expected)


def _all_of(schemas: Any, _schema: Record) -> Check:
    checks = tuple(map(compile_check, schemas))

    def check(value: Plain, path: str, found: list[Mismatch]) -> None:
        for one in checks:
            one(value, path, found)

    return check


def _not(schema: Any, _schema: Record) -> Check:
    check = compile_check(schema)
    return _when(_anything, lambda value: not _fits(check, value), f"not {wanted(schema)}")


Compiler = Callable[[Any, Record], Check]

COMPILERS: Mapping[str, Compiler] = {
    "enum": _enum,
    "const": _const,
    "multipleOf": _multiple,
    "minimum": _number(lambda value, bound: value >= bound, "at least"),
    "maximum": _number(lambda value, bound: value <= bound, "at most"),
    "exclusiveMinimum": _number(lambda value, bound: value > bound, "more than"),
    "exclusiveMaximum": _number(lambda value, bound: value < bound, "less than"),
    "minLength": _sized("string", lambda n, bound: n >= bound, "at least {} characters"),
    "maxLength": _sized("string", lambda n, bound: n <= bound, "at most {} characters"),
    "pattern": _pattern,
    "format": _format,
    "items": _items,
    "minItems": _sized("array", lambda n, bound: n >= bound, "at least {} items"),
    "maxItems": _sized("array", lambda n, bound: n <= bound, "at most {} items"),
    "uniqueItems": _unique,
    "properties": _properties,
    "required": _required,
    "additionalProperties": _additional,
    "minProperties": _sized("object", lambda n, bound: n >= bound, "at least {} fields"),
    "maxProperties": _sized("object", lambda n, bound: n <= bound, "at most {} fields"),
    "anyOf": _any_of,
    "oneOf": _one_of,
    "allOf": _all_of,
    "not": _not,
}
