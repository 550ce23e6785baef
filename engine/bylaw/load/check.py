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
from bylaw.load.trap import shown

Test = Callable[[Any, str, list[Problem]], None]

NAMES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
ALL_TYPES = ("string", "boolean", "integer", "number", "null", "array", "object")


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
            self.join()
        name = type_of(node)
        if name not in self.tests:
            hint = _conversion(node, self.tests)
            problems.append(wording.wrong_type(node, label, wanted=self.wanted(), hint=hint))
            return
        test = self.tests[name]
        if test is not None:
            test(node, label, problems)

    def join(self) -> None:
        """Take over the tests of the members."""
        for member in self.members:
            member.join()
            self.tests.update(member.tests)
        self.members = ()

    def types(self) -> tuple[str, ...]:
        """Return the types that it allows."""
        self.join()
        return tuple(self.tests)

    def wanted(self) -> tuple[str, ...]:
        """Return what it allows, in words; a whole number is a number."""
        names = (n for n in self.tests if n != "integer" or "number" not in self.tests)
        return tuple(_in_words(name, self.tests[name]) for name in names)


def _in_words(name: str, test: Test | None) -> str:
    if isinstance(test, ScalarTest):
        if len(test.offered) > 1:
            return f"one of {', '.join(f'`{value}`' for value in test.offered)}"
        return test.expects or wording.TYPES[name]
    return wording.TYPES[name]


def _conversion(node: Node, tests: dict[str, Test | None]) -> str:
    """Return what to type so that a value of the wrong type becomes a right one."""
    value = plain(node)
    if value is None:
        return "write `{}`, or remove the key" if "object" in tests else "remove the key"
    if isinstance(value, str):
        return _text_conversion(value, tests)
    if isinstance(node, Mapping) and isinstance(tests.get("array"), ListTest):
        return "write it as an item of a list, with `- ` before it"
    if not isinstance(node, Scalar) or "string" not in tests:
        return ""
    text = tests["string"]
    return "quote it" if not isinstance(text, ScalarTest) or text.is_any else ""


def _text_conversion(text: str, tests: dict[str, Test | None]) -> str:
    listed, mapped = tests.get("array"), tests.get("object")
    if "boolean" in tests and text.lower() in wording.BOOLEANS:
        return f"write `{wording.BOOLEANS[text.lower()]}`"
    if "integer" in tests and text.removeprefix("-").isdecimal():
        return f"write `{text}` without quotes"
    if isinstance(mapped, MappingTest) and "to" in mapped.keys:
        return f"write {shown(f'{{to: {text}}}')}"
    takes_texts = isinstance(listed, ListTest) and listed.takes_texts
    return f"write {shown(f'[{text}]')}" if takes_texts else ""


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
        meant: set[str] = set()
        for key, value in node.entries:
            known = self.keys.get(key.value)
            if known is not None:
                _known(known, key, value, problems)
            elif self.other is not None:
                self._named(key, label, problems)
                self.other(value, f"`{key.value}`", problems)
            else:
                meant.update(self._unknown(key, problems))
        for name, example in self.required.items():
            if name not in node.index and name not in meant:
                problems.append(wording.missing_key(node, name, noun=self.noun, example=example))
        if len(node.entries) < self.least:
            problems.append(wording.wrong_size(node, label, says="is empty"))

    def _unknown(self, key: Scalar, problems: list[Problem]) -> tuple[str, ...]:
        """Say that a key is unknown; return those that it was probably meant to be."""
        built = tuple(name for name, known in self.keys.items() if not known.later)
        meant = wording.meant_keys(str(key.value), built)
        problems.append(wording.unknown_key(key, self.noun, keys=built, meant=meant))
        return meant

    def _named(self, key: Scalar, label: str, problems: list[Problem]) -> None:
        if self.names is not None and not self.names.search(key.value):
            problems.append(wording.wrong_name(key, label, expects=self.names_expect))


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

    @property
    def takes_texts(self) -> bool:
        """Say whether an item may be a text."""
        return self.item is None or "string" in self.item.types()

    def __call__(self, node: Sequence, label: str, problems: list[Problem]) -> None:
        """Add what is wrong with a list and all that is in it."""
        if len(node.items) < self.least:
            problems.append(wording.wrong_size(node, label, says="is empty"))
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
    offered: tuple[Plain, ...]
    pattern: re.Pattern[str] | None
    expects: str
    shortest: int
    longest: int | None
    bounds: tuple[tuple[Callable[[Any], bool], str], ...]

    @property
    def is_any(self) -> bool:
        """Say whether it takes any text that is not empty."""
        return self.allowed is None and self.pattern is None

    def __call__(self, node: Scalar, label: str, problems: list[Problem]) -> None:
        """Add what is wrong with a value."""
        value = node.value
        if self.allowed is not None and value not in self.allowed:
            problems.append(wording.wrong_value(node, label, allowed=self.offered))
        if isinstance(value, str):
            self._text(node, value, label, problems)
        else:
            problems += [
                wording.out_of_bounds(node, label, bound=says)
                for beyond, says in self.bounds
                if beyond(value)
            ]

    def _text(self, node: Scalar, text: str, label: str, problems: list[Problem]) -> None:
        if len(text) < self.shortest:
            problems.append(wording.wrong_size(node, label, says="is empty"))
        elif self.pattern is not None and not self.pattern.search(text):
            problems.append(
                wording.wrong_text(node, label, expects=self.expects or "another form")
            )
        elif self.longest is not None and len(text) > self.longest:
            says = f"has {len(text)} characters, more than {self.longest}"
            problems.append(wording.wrong_size(node, label, says=says))


NOTHING_TO_TEST = ScalarTest(
    allowed=None, offered=(), pattern=None, expects="", shortest=0, longest=None, bounds=()
)


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
    listed = [schema["const"]] if "const" in schema else schema.get("enum")
    later = schema.get("x-not-yet", False)
    test = ScalarTest(
        allowed=None if listed is None else tuple(listed),
        offered=tuple(one for one in listed or () if later is True or one not in (later or ())),
        pattern=re.compile(schema["pattern"]) if "pattern" in schema else None,
        expects=schema.get("x-expects", ""),
        shortest=schema.get("minLength", 0),
        longest=schema.get("maxLength"),
        bounds=tuple(_bounds(schema)),
    )
    return None if test == NOTHING_TO_TEST else test


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
