"""Checks a tree against a JSON Schema that was compiled once, with messages for authors.

Knows the part of Draft 2020-12 that the schemas of the kinds use; tests hold it equal to
`jsonschema`. A union (`anyOf`) has one member for each type of value, so that the value itself
says which member was meant. Two words are our own: `x-not-yet` marks what is known and not
built (true on a key, a list of values on an `enum`), and `x-expects` says what a `pattern`
wants.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bylaw.base.node import Mapping, Node, Scalar, Sequence, plain
from bylaw.base.plain import Plain, Record, canonical
from bylaw.base.problem import Problem
from bylaw.load import wording

Test = Callable[[Any, str, list[Problem]], None]

NAMES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
ALL_TYPES = ("string", "boolean", "integer", "number", "null", "array", "object")
NUMBERS = ("integer", "number")


def type_of(node: Node) -> str:
    """Return the JSON Schema type of a node's value."""
    if isinstance(node, Scalar):
        return NAMES[type(node.value)]
    return "object" if isinstance(node, Mapping) else "array"


@dataclass(slots=True)
class Check:
    """A compiled schema: a test for each type of value that it allows.

    The tests of `members` of a union are taken over when the first value comes: schemas refer
    to themselves, and a member may not be filled before.
    """

    tests: dict[str, Test | None] = field(default_factory=dict)
    members: tuple["Check", ...] = ()

    def __call__(self, node: Node, label: str, problems: list[Problem]) -> None:
        """Add what is wrong with a node; `label` is what messages call it."""
        if self.members:
            self._join()
        name = type_of(node)
        if name not in self.tests:
            problems.append(wording.wrong_type(node, label, self._wanted()))
            return
        test = self.tests[name]
        if test is not None:
            test(node, label, problems)

    def _join(self) -> None:
        for member in self.members:
            member._join()
            self.tests.update(member.tests)
        self.members = ()

    def _wanted(self) -> tuple[str, ...]:
        """Return the types it allows, as messages name them: a whole number is a number."""
        return tuple(n for n in self.tests if n != "integer" or "number" not in self.tests)


@dataclass(slots=True, kw_only=True)
class Key:
    """What a schema says of one key of a mapping."""

    check: Check
    later: bool
    later_values: frozenset[str]


@dataclass(slots=True, kw_only=True)
class MappingTest:
    """The test of a mapping: its keys, which of them must be there, and all others."""

    noun: str
    keys: dict[str, Key]
    required: dict[str, str]
    other: Check | None
    names: re.Pattern[str] | None
    names_expect: str
    least: int

    def __call__(self, node: Mapping, label: str, problems: list[Problem]) -> None:
        """Add what is wrong with a mapping and all that is in it."""
        for key, value in node.entries:
            known = self.keys.get(key.value)
            if known is None:
                self._other(key, value, problems)
            else:
                _known(known, key, value, problems)
        for name, example in self.required.items():
            if name not in node.index:
                problems.append(wording.missing_key(node, name, self.noun, example))
        if len(node.entries) < self.least:
            problems.append(wording.wrong_size(node, label, "is empty"))

    def _other(self, key: Scalar, value: Node, problems: list[Problem]) -> None:
        if self.other is None:
            problems.append(wording.unknown_key(key, self.noun, tuple(self.keys)))
            return
        if self.names is not None and not self.names.search(key.value):
            problems.append(wording.wrong_name(key, self.noun, self.names_expect))
        self.other(value, f"`{key.value}`", problems)


def _known(known: Key, key: Scalar, value: Node, problems: list[Problem]) -> None:
    if known.later:
        problems.append(wording.not_yet(key))
    elif isinstance(value, Scalar) and value.value in known.later_values:
        problems.append(wording.not_yet(key, str(value.value)))
    else:
        known.check(value, f"`{key.value}`", problems)


@dataclass(slots=True, kw_only=True)
class ListTest:
    """The test of a list and its items."""

    item: Check | None
    least: int
    unique: bool

    def __call__(self, node: Sequence, label: str, problems: list[Problem]) -> None:
        """Add what is wrong with a list and all that is in it."""
        if len(node.items) < self.least:
            problems.append(wording.wrong_size(node, label, "is empty"))
        if self.item is not None:
            inside = label if label.startswith("an item of") else f"an item of {label}"
            for item in node.items:
                self.item(item, inside, problems)
        if self.unique:
            problems += _repeated(node, label)


def _repeated(node: Sequence, label: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for item in node.items:
        written = canonical(plain(item))
        if written in seen:
            yield wording.repeated(item, label)
        seen.add(written)


@dataclass(slots=True, kw_only=True)
class ScalarTest:
    """The test of a text, a number or a truth value."""

    allowed: tuple[Plain, ...] | None
    pattern: re.Pattern[str] | None
    expects: str
    shortest: int
    longest: int | None
    bounds: tuple[tuple[Callable[[Any], bool], str], ...]

    def __call__(self, node: Scalar, label: str, problems: list[Problem]) -> None:
        """Add what is wrong with a value."""
        value = node.value
        if self.allowed is not None and value not in self.allowed:
            problems.append(wording.wrong_value(node, label, self.allowed))
        if isinstance(value, str):
            self._text(node, value, label, problems)
        else:
            problems += [
                wording.out_of_bounds(node, label, says)
                for beyond, says in self.bounds
                if beyond(value)
            ]

    def _text(self, node: Scalar, text: str, label: str, problems: list[Problem]) -> None:
        if len(text) < self.shortest:
            problems.append(wording.wrong_size(node, label, "is empty"))
        elif self.pattern is not None and not self.pattern.search(text):
            problems.append(wording.wrong_text(node, label, self.expects))
        elif self.longest is not None and len(text) > self.longest:
            says = f"has {len(text)} characters, more than {self.longest}"
            problems.append(wording.wrong_size(node, label, says))


class SchemaCompiler:
    """Compiles schemas; what a `$ref` points to is compiled once."""

    def __init__(self, resolve: Callable[[str], Record]) -> None:
        """Take the function that finds the schema behind a reference."""
        self._resolve = resolve
        self._known: dict[str, Check] = {}

    def compile(self, schema: Plain) -> Check:
        """Return the check of a schema; `true` and a schema without `type` allow anything."""
        if schema is True:
            return Check(dict.fromkeys(ALL_TYPES))
        if "$ref" in schema:
            return self._reference(schema["$ref"])
        if "anyOf" in schema:
            return Check(members=tuple(self.compile(member) for member in schema["anyOf"]))
        return Check({name: self._test(schema, name) for name in _types(schema)})

    def _reference(self, reference: str) -> Check:
        if reference not in self._known:
            # Schemas refer to themselves: the check is known before it is filled.
            check = self._known[reference] = Check()
            check.members = (self.compile(self._resolve(reference)),)
        return self._known[reference]

    def _test(self, schema: Record, name: str) -> Test | None:
        if name == "object":
            return self._mapping(schema)
        if name == "array":
            return self._list(schema)
        return _scalar(schema)

    def _mapping(self, schema: Record) -> Test | None:
        names = self._target(schema.get("propertyNames", {}))
        keys = {name: self._key(value) for name, value in schema.get("properties", {}).items()}
        other = schema.get("additionalProperties", True)
        if not keys and other is True and not names and not schema.get("minProperties"):
            return None
        return MappingTest(
            noun=schema.get("title", "mapping").lower(),
            keys=keys,
            required={name: self._example(schema, name) for name in schema.get("required", ())},
            other=None if other is False else self.compile(other),
            names=re.compile(names["pattern"]) if "pattern" in names else None,
            names_expect=names.get("x-expects", ""),
            least=schema.get("minProperties", 0),
        )

    def _key(self, schema: Record) -> Key:
        later = schema.get("x-not-yet", False)
        values = frozenset(later) if isinstance(later, list) else frozenset()
        return Key(check=self.compile(schema), later=later is True, later_values=values)

    def _target(self, schema: Record) -> Record:
        return self._resolve(schema["$ref"]) if "$ref" in schema else schema

    def _example(self, schema: Record, name: str) -> str:
        """Return what a hint shows behind a key that must be there."""
        of_key = schema["properties"][name]
        found = {**self._target(of_key), **of_key}
        if "const" in found:
            return str(found["const"])
        return str(found["examples"][0]) if "examples" in found else "…"

    def _list(self, schema: Record) -> Test | None:
        item = self.compile(schema["items"]) if "items" in schema else None
        least, unique = schema.get("minItems", 0), schema.get("uniqueItems", False)
        if item is None and not least and not unique:
            return None
        return ListTest(item=item, least=least, unique=unique)


def _types(schema: Record) -> tuple[str, ...]:
    """Return the types that a schema allows; those of `enum` and `const` follow from them."""
    if "type" in schema:
        listed = schema["type"]
        types = (listed,) if isinstance(listed, str) else tuple(listed)
        return (*types, "integer") if "number" in types and "integer" not in types else types
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return tuple(dict.fromkeys(NAMES[type(value)] for value in values))
    return ALL_TYPES


def _scalar(schema: Record) -> Test | None:
    allowed = tuple(schema["enum"]) if "enum" in schema else None
    test = ScalarTest(
        allowed=(schema["const"],) if "const" in schema else allowed,
        pattern=re.compile(schema["pattern"]) if "pattern" in schema else None,
        expects=schema.get("x-expects", "another form"),
        shortest=schema.get("minLength", 0),
        longest=schema.get("maxLength"),
        bounds=tuple(_bounds(schema)),
    )
    says_nothing = (None, None, "another form", 0, None, ())
    parts = (test.allowed, test.pattern, test.expects, test.shortest, test.longest, test.bounds)
    return None if parts == says_nothing else test


def _bounds(schema: Record) -> Iterator[tuple[Callable[[Any], bool], str]]:
    if "minimum" in schema:
        yield _below(schema["minimum"])
    if "exclusiveMinimum" in schema:
        yield _not_above(schema["exclusiveMinimum"])
    if "maximum" in schema:
        yield _above(schema["maximum"])


def _below(bound: float) -> tuple[Callable[[Any], bool], str]:
    return lambda value: value < bound, f"at least {bound}"


def _not_above(bound: float) -> tuple[Callable[[Any], bool], str]:
    return lambda value: value <= bound, f"more than {bound}"


def _above(bound: float) -> tuple[Callable[[Any], bool], str]:
    return lambda value: value > bound, f"at most {bound}"
