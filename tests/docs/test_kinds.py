"""The tables of the pages hold exactly the keys of the schemas, and name those not built yet."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.docs.pages import ROOT, rows, section, words

# Each table: its page, its heading, and the ways to its keys in the schema.
TABLES = [
    ("workflow", "## Keys", [()]),
    ("workflow", "### Start", [("properties", "start")]),
    ("workflow", "### States", [("$defs", "state")]),
    (
        "workflow",
        "### Transitions",
        [("$defs", "transition"), ("$defs", "event_transition"), ("$defs", "automatic")],
    ),
    ("workflow", "### Calls", [("$defs", "run_call")]),
    ("policy", "## Keys", [()]),
    ("policy", "### Rules", [("$defs", "rule")]),
    ("access", "## Keys", [()]),
    ("persona", "## Keys", [()]),
    ("persona", "### Checks", [("$defs", "check")]),
    ("action", "## Keys", [()]),
    ("action", "### http", [("properties", "http")]),
    ("event", "## Keys", [()]),
    ("server", "## Keys", [()]),
    ("server", "### Actors", [("properties", "actors", "additionalProperties")]),
    ("test", "## Keys", [()]),
    ("test", "### Actors", [("properties", "actors", "additionalProperties")]),
    ("test", "### Cases", [("$defs", "case"), ("$defs", "variant"), ("properties", "given")]),
    ("test", "### Expectations", [("$defs", "expectation")]),
    ("test", "### Flows", [("$defs", "flow")]),
    ("test", "### Steps", [("$defs", "step")]),
]


def schema(kind: str) -> Mapping[str, Any]:
    return json.loads((ROOT / f"schemas/{kind}.schema.json").read_text("utf-8"))  # type: ignore[no-any-return]


def keys(kind: str, way: tuple[str, ...]) -> Mapping[str, Any]:
    part = schema(kind)
    for step in way:
        part = part[step]
    return part["properties"]  # type: ignore[no-any-return]


def documented(kind: str, heading: str) -> dict[str, str]:
    return {words(row[0])[0]: row[1] for row in rows(section(f"docs/{kind}.md", heading))}


@pytest.mark.parametrize(("kind", "heading", "ways"), TABLES)
def test_table_holds_the_keys_of_the_schema(
    kind: str, heading: str, ways: list[tuple[str, ...]]
) -> None:
    known = {key for way in ways for key in keys(kind, way)}
    assert set(documented(kind, heading)) == known


@pytest.mark.parametrize(("kind", "heading", "ways"), TABLES)
def test_table_says_which_keys_are_not_built_yet(
    kind: str, heading: str, ways: list[tuple[str, ...]]
) -> None:
    later = {
        key
        for way in ways
        for key, value in keys(kind, way).items()
        if value.get("x-not-yet") is True
    }
    said = {key for key, text in documented(kind, heading).items() if text.startswith("not yet")}
    assert said == later


def test_page_of_endpoints_holds_the_keys_of_the_schema() -> None:
    known = keys("server", ("properties", "endpoints", "additionalProperties"))
    said = documented("endpoints", "## Keys")

    assert said.keys() == known.keys()
    assert {key for key, text in said.items() if text.startswith("not yet")} == {
        key for key, value in known.items() if value.get("x-not-yet")
    }


def test_every_kind_has_a_page_in_the_index() -> None:
    kinds = {path.name.split(".")[0] for path in (ROOT / "schemas").glob("*.schema.json")}
    listed = {words(row[0])[0] for row in rows(section("docs/README.md", "# Documentation"))}
    assert listed == kinds
