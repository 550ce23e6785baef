"""Shapes of params, inputs, data and results: schemas checked, and their checks compiled."""

from collections.abc import Mapping as Map
from functools import partial
from math import isfinite

from bylaw.base.names import SNAKE, did_you_mean
from bylaw.base.node import Mapping, Node, Scalar, plain
from bylaw.base.plain import Plain, Record
from bylaw.base.problem import Problem
from bylaw.compile.fit import COMPILERS, Check, Test, compile_check, missing
from bylaw.compile.keyword import schema_problems
from bylaw.model.shape import Mismatch, Shape

DEEPEST = 32
MOST_VALUES = 10_000
LONGEST_TEXT = 1_000_000
LARGEST_NUMBER = 2**63
SHORT_LIST = 1000
# Fields that nobody declared: so many are named, each by so many characters.
MOST_NAMED = 20
LONGEST_SHOWN = 80

# Says of most values that fit that they do, at once; the others are looked at with care.
QUICK: Map[str, Test] = {
    "string": lambda value: type(value) is str and value.isascii() and len(value) <= LONGEST_TEXT,
    "integer": lambda value: type(value) is int and -LARGEST_NUMBER <= value < LARGEST_NUMBER,
    "boolean": lambda value: value is True or value is False,
}


def compile_shape(node: Mapping | None, *, problems: list[Problem], open: bool = False) -> Shape:  # noqa: A002 - the word of the model
    """Compile a mapping of names to JSON Schemas.

    A field with a mistake stands in the shape as one that takes any value, so that the names
    are known to whatever reads them.
    """
    fields: dict[str, Record] = {}
    for key, value in node.entries if node is not None else ():
        mistakes = [*_name_problems(key), *schema_problems(value)]
        mistakes = mistakes or [*_default_problems(str(key.value), value)]
        fields[str(key.value)] = {} if mistakes else plain(value)
        problems.extend(mistakes)
    return shape_of(fields, open=open)


def _quick_test(schema: Record) -> Test | None:
    """Return what finds most values of a schema sound at once; only for types and simple lists."""
    asked = schema.keys() & COMPILERS.keys()
    if schema.get("type") == "array" and asked == {"items"}:
        item = _quick_scalar(schema["items"])
        return None if item is None else partial(_is_short_list, item)
    return None if asked else _quick_scalar(schema)


def _quick_scalar(schema: Record) -> Test | None:
    kind = schema.get("type")
    if not isinstance(kind, str) or schema.keys() & COMPILERS.keys():
        return None
    return QUICK.get(kind)


def _is_short_list(item: Test, value: Plain) -> bool:
    return type(value) is list and len(value) <= SHORT_LIST and all(map(item, value))


def shape_of(fields: Map[str, Record], *, open: bool = False) -> Shape:  # noqa: A002 - the word of the model
    """Return the shape of sound schemas, with its compiled check."""
    checks = {name: compile_check(schema) for name, schema in fields.items()}
    required = tuple(name for name, schema in fields.items() if "default" not in schema)
    quick = {n: test for n, schema in fields.items() if (test := _quick_test(schema)) is not None}
    check = partial(_mismatches, fields, checks, quick, required, open)
    return Shape(fields=dict(fields), open=open, check=check)


def _name_problems(key: Scalar) -> list[Problem]:
    name = str(key.value)
    if SNAKE.match(name):
        return []
    hint = f"write `{_snake(name)}`" if SNAKE.match(_snake(name)) else "write `snake_case`"
    return [Problem(key.place, "name", f"`{name}` cannot be named in an expression", hint)]


def _snake(name: str) -> str:
    humps = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
    return humps.replace("-", "_").replace(".", "_").strip("_")


def _default_problems(name: str, node: Node) -> list[Problem]:
    """Give what is wrong with a default that does not fit its own schema."""
    default = node.get("default") if isinstance(node, Mapping) else None
    if default is None:
        return []
    found: list[Mismatch] = []
    compile_check(plain(node))(plain(default), name, found)
    return [
        Problem(default.place, "default", f"the default does not fit: {one.message}")
        for one in found
    ]


def _mismatches(
    fields: Map[str, Record],
    checks: Map[str, Check],
    quick: Map[str, Test],
    required: tuple[str, ...],
    is_open: bool,  # noqa: FBT001 - bound once, by `shape_of`
    record: Record,
) -> tuple[Mismatch, ...]:
    """Return what does not fit, missing fields first; nothing else where it is too large."""
    found: list[Mismatch] = []
    for name, value in record.items():
        if name in quick and quick[name](value):
            continue
        oversize = _oversize(name, value)
        if oversize is not None:
            return (oversize,)
        check = checks.get(name)
        if check is not None:
            check(value, name, found)
        elif not is_open and len(found) < MOST_NAMED:
            found.append(_unknown(name[:LONGEST_SHOWN], fields))
    lacking = [missing(name, fields[name]) for name in required if name not in record]
    return (*lacking, *found)


def _unknown(name: str, fields: Map[str, Record]) -> Mismatch:
    names = ", ".join(f"`{field}`" for field in fields)
    hint = did_you_mean(name, fields).rstrip("?") or (f"known: {names}" if fields else "none is")
    return Mismatch(path=name, message=f"`{name}` is not known ({hint})")


def _oversize(name: str, value: Plain) -> Mismatch | None:
    """Return what is said of a value that is too large, too deep, or not JSON at all."""
    trouble = _scalar_trouble(value)
    if trouble is None and isinstance(value, dict | list | tuple):
        trouble = _nested_trouble(value)
    shown = name[:LONGEST_SHOWN]
    return Mismatch(path=shown, message=f"`{shown}` {trouble}") if trouble else None


def _nested_trouble(whole: Plain) -> str | None:
    count = 0
    level: list[Plain] = [whole]
    for _ in range(DEEPEST):
        inner: list[Plain] = []
        for value in level:
            inner.extend(_parts(value))
        count += len(inner)
        if count > MOST_VALUES:
            return f"holds more than {MOST_VALUES} values"
        trouble = next(filter(None, map(_scalar_trouble, inner)), None)
        level = [value for value in inner if isinstance(value, dict | list | tuple)]
        if trouble or not level:
            return trouble
    return f"is nested deeper than {DEEPEST} levels"


def _parts(value: Plain) -> list[Plain]:
    return [*value.keys(), *value.values()] if isinstance(value, dict) else [*value]


def _scalar_trouble(value: Plain) -> str | None:
    if isinstance(value, str):
        return _text_trouble(value)
    if isinstance(value, float) and not isfinite(value):
        return "is not a number that JSON can say"
    if isinstance(value, int) and not -LARGEST_NUMBER <= value < LARGEST_NUMBER:
        return "is a larger number than 64 bits hold"
    return None


def _text_trouble(text: str) -> str | None:
    if len(text) > LONGEST_TEXT:
        return f"is longer than {LONGEST_TEXT} characters"
    # Half of a surrogate pair: no UTF-8 can say it, so neither pattern nor store can read it.
    if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
        return "holds half a character"
    return None
