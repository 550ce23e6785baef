"""Every kind that is built is whole: a schema, a model, a compiler, cases, and a page."""

import ast
import importlib
from pathlib import Path

import pytest

from bylaw.load.schema import KINDS, schema_of

ROOT = Path(__file__).parents[2]
BUILT = tuple(kind for kind in KINDS if not schema_of(kind).get("x-not-yet"))


def test_the_kinds_that_are_built_are_these() -> None:
    assert BUILT == KINDS


@pytest.mark.parametrize("kind", BUILT)
def test_a_kind_has_a_model(kind: str) -> None:
    model = importlib.import_module(f"bylaw.model.{kind}")
    tree = ast.parse(Path(str(model.__file__)).read_text())

    # A mode is what `kind: access` says, and a document of tests is a suite; every other kind
    # is called as its type.
    wanted = {"access": "AccessMode", "test": "Suite"}.get(kind, kind.capitalize())
    assert wanted in {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


@pytest.mark.parametrize("kind", BUILT)
def test_a_kind_has_a_compiler(kind: str) -> None:
    module = importlib.import_module(f"bylaw.compile.{kind}")

    assert callable(getattr(module, f"compile_{kind}"))


@pytest.mark.parametrize("kind", BUILT)
def test_a_kind_has_cases_with_and_without_mistakes(kind: str) -> None:
    cases = [path.parent for path in (ROOT / "tests" / "cases" / kind).glob("*/input.yaml")]

    assert {bool((case / "want.problems").read_text()) for case in cases} == {True, False}


@pytest.mark.parametrize("kind", BUILT)
def test_a_case_is_a_document_of_its_kind(kind: str) -> None:
    cases = (ROOT / "tests" / "cases" / kind).glob("*/input.yaml")

    assert {f"kind: {kind}" in case.read_text().splitlines() for case in cases} == {True}


@pytest.mark.parametrize("kind", BUILT)
def test_a_kind_has_a_page_that_the_index_names(kind: str) -> None:
    docs = ROOT / "docs"

    assert (docs / f"{kind}.md").is_file()
    assert f"| `{kind}` |" in (docs / "README.md").read_text()
