"""Compiling a changed house again says the same as compiling it anew."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bylaw.compile import house as compiling
from bylaw.compile.house import Compiled, Compiler, Origin
from bylaw.load.document import load_documents
from bylaw.load.house import read_house, shipped_house
from bylaw.model.document import Document

ORIGIN = Origin(environ={}, git_commit=None, now=datetime(2026, 11, 20, tzinfo=UTC))
DOCUMENTS = tuple(
    document
    for file in read_house(shipped_house()).files
    for document in load_documents(file.content, file=file.path).documents
)
PARTS = ("workflows", "policies", "personas", "modes", "actions", "events", "rules", "origins")
MORE = """\
kind: action
name: git.fetch
description: Get what others pushed.
tags: [read-only, fresh]
params: {remote: {type: string}}
"""

left_out = st.sets(st.integers(0, len(DOCUMENTS) - 1), max_size=4)


def more() -> tuple[Document, ...]:
    return load_documents(MORE.encode(), file="rules/more.yaml").documents


def told(compiled: Compiled) -> tuple[Any, ...]:
    """Return all that a compiled house says."""
    snapshot = compiled.snapshot
    parts = [repr(getattr(snapshot, part)) for part in PARTS] if snapshot else []
    return compiled.problems, compiled.of_tests, parts


def without(numbers: set[int]) -> tuple[Document, ...]:
    return tuple(one for number, one in enumerate(DOCUMENTS) if number not in numbers)


@settings(max_examples=25)
@given(st.lists(left_out, min_size=1, max_size=4))
def test_house_whose_documents_come_and_go_is_what_it_would_be_anew(steps: list[set[int]]) -> None:
    compiler = Compiler()
    compiler.compile(DOCUMENTS, ORIGIN)

    again = [told(compiler.compile(without(numbers), ORIGIN)) for numbers in steps]

    assert again == [told(Compiler().compile(without(numbers), ORIGIN)) for numbers in steps]


def test_new_action_is_selected_by_the_documents_that_mean_its_family() -> None:
    compiler = Compiler()
    compiler.compile(DOCUMENTS, ORIGIN)

    again = compiler.compile((*DOCUMENTS, *more()), ORIGIN)

    assert told(again) == told(Compiler().compile((*DOCUMENTS, *more()), ORIGIN))
    assert again.snapshot is not None
    assert "git.fetch" in again.snapshot.actions


def test_new_action_has_only_those_compiled_again_that_it_concerns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compiler = Compiler()
    compiler.compile(DOCUMENTS, ORIGIN)
    compiled: list[str] = []
    body = compiling._body

    def noted(document: Document, context: Any) -> Any:
        compiled.append(document.ref)
        return body(document, context)

    monkeypatch.setattr(compiling, "_body", noted)
    compiler.compile((*DOCUMENTS, *more()), ORIGIN)

    assert "action/git.fetch" in compiled
    assert not [one for one in compiled if one.startswith(("workflow/", "persona/"))]


def test_nothing_is_compiled_again_where_no_name_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = Compiler()
    compiler.compile(DOCUMENTS, ORIGIN)
    monkeypatch.setattr(compiling, "_body", None)

    again = compiler.compile(DOCUMENTS, dataclasses.replace(ORIGIN, git_commit="c1"))

    assert again.snapshot is not None
