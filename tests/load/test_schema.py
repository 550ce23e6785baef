"""The schemas of the kinds: complete, sound, and judged alike by both checkers."""

import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from bylaw.base.node import plain
from bylaw.base.problem import Problem
from bylaw.compile.keyword import KEYWORDS
from bylaw.load.check import SchemaCompiler
from bylaw.load.document import tree_of
from bylaw.load.house import read_house
from bylaw.load.schema import (
    KINDS,
    check_document,
    referenced,
    schema_folder,
    schema_of,
    shared_schema,
)
from tests.trees import parse_documents

HOUSE = Path(__file__).parents[1] / "cases" / "load" / "acme-house" / "house"
BUILT = tuple(kind for kind in KINDS if not schema_of(kind).get("x-not-yet"))
# The part of Draft 2020-12 that SchemaCompiler knows, and what only people and editors read.
WORDS = {
    "$schema", "$id", "$defs", "$ref", "title", "description", "default", "examples", "type",
    "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum",
    "exclusiveMinimum", "items", "minItems", "uniqueItems", "properties", "required",
    "additionalProperties", "propertyNames", "minProperties", "anyOf", "x-not-yet", "x-expects",
}  # fmt: skip


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    """Give a schema and all that are inside it."""
    if not isinstance(schema, dict):
        return
    yield schema
    inside = [schema.get("items"), schema.get("additionalProperties"), schema.get("propertyNames")]
    inside += schema.get("anyOf", [])
    inside += [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    for one in inside:
        yield from subschemas(one)


def every_schema() -> list[dict[str, Any]]:
    whole = [*(schema_of(kind) for kind in KINDS), shared_schema()]
    return [schema for one in whole for schema in subschemas(one)]


@cache
def trusted(kind: str) -> Draft202012Validator:
    shared: Any = Resource.from_contents(shared_schema())
    registry: Any = Registry().with_resource("shared.json", shared)
    return Draft202012Validator(schema_of(kind), registry=registry)


@cache
def contents() -> tuple[dict[str, Any], ...]:
    """Return the documents of a house as plain data, those that come later left out."""
    found: list[dict[str, Any]] = [
        plain(tree)
        for file in read_house(HOUSE).files
        for tree in parse_documents(file.content, file=file.path)[0]
    ]
    return tuple(data for data in found if data["kind"] in BUILT)


def problems_of(data: dict[str, Any]) -> list[Problem]:
    return list(check_document(tree_of(data, file="a.yaml")))


def test_every_kind_has_a_schema_and_every_schema_a_kind() -> None:
    files = {path.name for path in schema_folder().glob("*.schema.json")}

    assert files == {f"{kind}.schema.json" for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_and_names_its_kind(kind: str) -> None:
    schema = schema_of(kind)

    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"{kind}.schema.json"
    assert schema["properties"]["kind"]["const"] == kind
    assert schema["title"]
    assert {"kind", "name"} <= set(schema["required"])


def test_every_key_is_described_for_editors() -> None:
    keys = [
        (schema.get("title", ""), name)
        for schema in every_schema()
        for name, key in schema.get("properties", {}).items()
        if "description" not in key
        and "description" not in referenced(key.get("$ref", "#/$defs/name"), kind="workflow")
    ]

    assert keys == []


def test_no_schema_uses_a_word_that_the_checker_does_not_know() -> None:
    unknown = {word for schema in every_schema() for word in schema} - WORDS

    assert unknown == set()


def test_the_schema_of_a_field_takes_the_keywords_that_the_compiler_checks() -> None:
    assert set(shared_schema()["$defs"]["field"]["properties"]) == set(KEYWORDS)


def test_no_kind_has_a_definition_of_a_shared_name() -> None:
    shared = set(shared_schema()["$defs"])

    assert [kind for kind in KINDS if shared & set(schema_of(kind).get("$defs", {}))] == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_members_of_a_union_share_no_type(kind: str) -> None:
    compiler = SchemaCompiler(lambda reference: referenced(reference, kind=kind))
    unions = [schema for schema in subschemas(schema_of(kind)) if "anyOf" in schema]

    for union in unions:
        members = [compiler.compile(member) for member in union["anyOf"]]
        types = [name for member in members for name in member.types()]
        assert len(types) == len(set(types))


def without_later(schema: Any) -> Any:
    """Return a schema without the keys that come later, and all that is in them."""
    if isinstance(schema, list):
        return [without_later(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: one for name, one in schema.items() if not is_later(one)}
    return {name: without_later(one) for name, one in kept.items()}


def is_later(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("x-not-yet") is True


def built_keys(schema: dict[str, Any]) -> set[str]:
    """Return every key of a schema, those of its parts too, but none that comes later."""
    inside = subschemas(without_later(schema))
    return {name for one in inside for name in one.get("properties", {})}


@pytest.mark.parametrize("kind", BUILT)
def test_every_key_that_is_built_is_read_by_the_compiler(kind: str) -> None:
    sources = (Path(__file__).parents[2] / "engine" / "bylaw" / "compile").glob("*.py")
    words = {word for path in sources for word in re.findall(r'"(\w+)"', path.read_text())}

    assert built_keys(schema_of(kind)) - words - {"bylaw", "kind"} == set()


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to every value inside a document but its kind."""
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inside in entries:
        if key != "kind":
            yield (*path, key)
        if isinstance(inside, dict | list):
            yield from paths(inside, (*path, key))


WORDS_OF_AUTHORS = st.sampled_from(
    ["", "a", "draft", "Draft", "5m", "1 day", "deny", "2027-01-31", "kind:agent", "params.x", "ä"]
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 70_000),
    st.sampled_from([0.5, -0.1, 1.5]),
    WORDS_OF_AUTHORS,
    st.lists(WORDS_OF_AUTHORS, max_size=3),
    st.dictionaries(WORDS_OF_AUTHORS, st.one_of(WORDS_OF_AUTHORS, st.booleans()), max_size=2),
)


@st.composite
def changed_documents(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a document of the house with a few values replaced, removed or added."""
    data: dict[str, Any] = deepcopy(draw(st.sampled_from(contents())))
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(list(paths(data))))
        place = data
        for key in way:
            place = place[key]
        how = draw(st.sampled_from(["replace", "replace", "remove", "add"]))
        if how == "remove":
            del place[last]
        elif how == "add" and isinstance(place, dict):
            place[draw(st.sampled_from(["when", "colour", "Big One", "to", "name"]))] = draw(
                VALUES
            )
        else:
            place[last] = draw(VALUES)
    return data


def test_both_checkers_accept_the_whole_house() -> None:
    refused = [
        (data["name"], [*trusted(data["kind"]).iter_errors(data)])
        for data in contents()
        if not trusted(data["kind"]).is_valid(data)
    ]

    assert refused == []


@settings(max_examples=400, deadline=None)
@given(changed_documents())
def test_both_checkers_judge_a_changed_document_alike(data: dict[str, Any]) -> None:
    expected = trusted(data["kind"]).is_valid(data)

    problems = problems_of(data)

    later = [problem for problem in problems if problem.code == "not-yet"]
    assert expected == (problems == []) or (later and (not expected or problems == later))


@settings(max_examples=200, deadline=None)
@given(changed_documents())
def test_no_message_names_a_python_type_or_a_pointer(data: dict[str, Any]) -> None:
    said = "\n".join(str(problem) for problem in problems_of(data))

    types = re.findall(r"\b(?:dict|NoneType|str)\b", said)
    assert not types
    assert not [word for word in ("#/", "$defs") if word in said]
