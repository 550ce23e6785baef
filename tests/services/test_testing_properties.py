"""Whatever a test says: it is refused with a place, or it is run and has an outcome."""

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bylaw.base.node import plain
from bylaw.compile.house import Compiler
from bylaw.load.document import document_of, tree_of
from bylaw.load.house import read_house
from bylaw.load.schema import check_document
from bylaw.model.document import Document
from bylaw.services.testing import run_tests
from tests.content.houses import ORIGIN, shipped
from tests.trees import parse_documents

HOUSE = Path(__file__).parents[2]
WORDS = ["", "a", "draft", "merged", "in_review", "5m", "deny", "claude", "ci", "git.push", "who"]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 9),
    st.sampled_from(WORDS),
    st.lists(st.sampled_from(WORDS), max_size=2),
    st.dictionaries(
        st.sampled_from(["repo", "branch", "tests", "mode", "path", "value"]),
        st.one_of(st.sampled_from(WORDS), st.integers(0, 3), st.none()),
        max_size=3,
    ),
)
COMPILER = Compiler()


@cache
def rest() -> tuple[Document, ...]:
    return tuple(document for document in shipped() if document.kind != "test")


@cache
def contents() -> tuple[dict[str, Any], ...]:
    """Return cases and flows of the shipped house, each as a document of its own."""
    found: list[dict[str, Any]] = [
        plain(tree)
        for file in read_house(HOUSE).files
        for tree in parse_documents(file.content, file=file.path)[0]
    ]
    tests = [data for data in found if data["kind"] == "test"]
    head = {"kind": "test", "name": "one", "given": {"actor": "claude"}}
    return tuple(
        {**head, part: [one]}
        for data in tests
        for part in ("cases", "flows")
        for one in data.get(part, [])
    )


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to every value inside a document."""
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inside in entries:
        if len(path) > 1:
            yield (*path, key)
        if isinstance(inside, dict | list):
            yield from paths(inside, (*path, key))


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a case or a flow with a few of its values replaced or removed."""
    data: dict[str, Any] = deepcopy(draw(st.sampled_from(contents())))
    for _ in range(draw(st.integers(1, 2))):
        *way, last = draw(st.sampled_from(list(paths(data))))
        place = data
        for key in way:
            place = place[key]
        if draw(st.booleans()):
            place[last] = draw(VALUES)
        else:
            del place[last]
    return data


@settings(max_examples=300, deadline=None)
@given(changed())
def test_every_document_that_the_schema_takes_is_refused_or_has_an_outcome(
    data: dict[str, Any],
) -> None:
    if check_document(tree_of(data, file="one.yaml")):
        return
    found = COMPILER.compile((*rest(), document_of(data, file="one.yaml")), ORIGIN)
    assert found.snapshot is not None

    score = run_tests(found.snapshot, found.tests)

    assert bool(found.tests) != bool(found.of_tests)
    assert score.passed + len(score.failures) == sum(
        len(suite.cases) + len(suite.flows) for suite in found.tests
    )
