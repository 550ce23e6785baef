"""Strict YAML: positions, bounds, and any bytes."""

from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bylaw.base.node import Mapping, Scalar, Sequence, plain
from bylaw.base.place import Place
from bylaw.load import limits
from bylaw.load.document import load_documents
from tests.trees import parse_documents


def parse(text: str) -> Mapping:
    documents, problems = parse_documents(text.encode(), file="a.yaml")
    assert problems == ()
    return documents[0]


def codes(content: bytes) -> list[str]:
    return [problem.code for problem in parse_documents(content, file="a.yaml")[1]]


def seen_at(text: str, word: str) -> tuple[str, str]:
    """Return the word where the scalar says that it stands, and the word itself."""
    value = parse(text).index["v"]
    assert isinstance(value, Scalar)
    place = value.at(value.value.index(word))
    return text.splitlines()[place.line - 1][place.column - 1 :][: len(word)], word


def test_keys_values_lists_and_mappings_know_their_places() -> None:
    root = parse("# first\na: é\nlist:\n  - x: {y: 1}\n")

    items = root.index["list"]
    assert isinstance(items, Sequence)
    item = items.items[0]
    assert isinstance(item, Mapping)
    assert root.place == Place("a.yaml", 2, 1)
    assert root.key("list").place == Place("a.yaml", 3, 1)
    assert root.index["a"].place == Place("a.yaml", 2, 4)
    assert item.place == Place("a.yaml", 4, 5)
    assert item.index["x"].place == Place("a.yaml", 4, 8)


def test_columns_count_characters_and_not_bytes() -> None:
    root = parse("é: ü\nmore: {ä: ö, b: c}\n")

    inner = root.index["more"]
    assert isinstance(inner, Mapping)
    assert inner.index["b"].place == Place("a.yaml", 2, 17)


def test_a_byte_order_mark_moves_no_column() -> None:
    documents, problems = parse_documents(b"\xef\xbb\xbfa: b\n", file="a.yaml")

    assert problems == ()
    assert documents[0].index["a"].place == Place("a.yaml", 1, 4)


def test_places_go_on_behind_a_document_that_broke_off() -> None:
    documents, _ = parse_documents(b"a: b: c\n---\n\nd: 'it''s here'\n", file="a.yaml")

    value = documents[0].index["d"]
    assert isinstance(value, Scalar)
    assert value.place == Place("a.yaml", 4, 4)
    assert value.at(5) == Place("a.yaml", 4, 11)


@pytest.mark.parametrize(
    "text",
    [
        "v: one two target three",
        "v: one\n  two\n\n    target three",
        "v: 'it''s a target'",
        "v: 'one\n  two\n\n  it''s a target'",
        'v: "one target"',
        'v: "tab\\t \\"quoted\\" \\u00e9 \\x41 target"',
        'v: "one\n  two \\\n   three target"',
        'v: "one   \n\n\n  two target"',
        "v: |\n  one\n    two\n\n  target three\n",
        "v: |2-\n    one\n  target\n",
        "v: >-\n  one\n  two\n\n    three\n  target four\n",
        "v: >- # comment\n\n  one\n  target four\n",
        "v: &anchor one target",
        "v: &anchor >-\n  one\n  target",
        "v: {w: x, v: y}\nx: 1".replace("v: {w: x, v: y}", "v: a, target"),
    ],
)
def test_a_place_inside_a_scalar_leads_back_to_the_word(text: str) -> None:
    found, word = seen_at(text, "target")

    assert found == word


def test_a_blank_between_folded_lines_stands_at_the_end_of_the_line_before() -> None:
    value = parse("v: >-\n  one\n  two\n").index["v"]

    assert isinstance(value, Scalar)
    assert value.value == "one two"
    assert value.at(3) == Place("a.yaml", 2, 6)


def test_a_place_beyond_the_text_is_behind_its_last_character() -> None:
    value = parse("v: one\n").index["v"]

    assert isinstance(value, Scalar)
    assert value.at(3) == Place("a.yaml", 1, 7)


def test_yaml_1_1_makes_nothing_of_words_numbers_and_dates() -> None:
    text = """\
        on: on
        no: NO
        1d: 010
        5m: 12:30:00
        a: 2027-01-31
        b: 1_000
        c: 0o17
        d: .inf
        e: True
    """

    value = plain(parse(dedent(text)))

    assert value == {
        "on": "on",
        "no": "NO",
        "1d": "010",
        "5m": "12:30:00",
        "a": "2027-01-31",
        "b": "1_000",
        "c": "0o17",
        "d": ".inf",
        "e": "True",
    }


def test_yaml_1_2_numbers_booleans_and_null_are_values() -> None:
    value = plain(parse("a: 1\nb: -1.5e3\nc: true\nd: null\ne: ~\nf:\ng: '1'\nh: 0\n"))

    assert value == {
        "a": 1, "b": -1500.0, "c": True, "d": None, "e": None, "f": None, "g": "1", "h": 0
    }  # fmt: skip


def test_the_byte_that_is_not_utf_8_is_named() -> None:
    _, problems = parse_documents(b"a: b\nc: \xe9\n", file="a.yaml")

    (problem,) = problems
    assert str(problem.place) == "a.yaml:2:4"
    assert problem.message == "byte 9 of the file, 0xe9, is not UTF-8"
    assert problem.hint == "save the file as UTF-8"


def test_utf_16_is_named() -> None:
    _, problems = parse_documents("a: b".encode("utf-16"), file="a.yaml")

    assert problems[0].hint == "save the file as UTF-8 (it looks like UTF-16)"


@pytest.mark.parametrize(
    "character", ["\0", "\x07", "\x85", "\u2028", "\u202e", "\u2066", "\ufeff"]
)
def test_invisible_characters_are_refused(character: str) -> None:
    assert codes(f"a: b{character}c\n".encode()) == ["control-character"]


def test_an_escaped_nul_is_refused() -> None:
    assert codes(b'a: "b\\0"\n') == ["control-character"]


def test_a_file_beyond_its_size_is_refused() -> None:
    assert codes(b"#" * (limits.MAX_FILE_BYTES + 1)) == ["too-large"]


def test_nesting_beyond_its_depth_is_refused() -> None:
    assert codes(b"a: " + b"[" * limits.MAX_DEPTH) == ["too-deep"]


def test_nesting_by_aliases_is_nesting_too() -> None:
    chain = ["a0: &a0 [[[[[[[[[[x]]]]]]]]]]"]
    chain += [f"a{n}: &a{n} [[[[[[[[*a{n - 1}]]]]]]]]" for n in range(1, 6)]

    assert codes("\n".join(chain).encode()) == ["too-deep"]


def test_a_document_beyond_its_values_is_refused() -> None:
    assert codes(b"a: [" + b"1," * (limits.MAX_NODES + 1) + b"]") == ["too-many"]


def test_a_file_beyond_its_documents_is_refused() -> None:
    assert codes(b"---\na: b\n" * (limits.MAX_DOCUMENTS + 1)) == ["too-many"]


def test_a_document_behind_one_beyond_its_depth_is_still_read() -> None:
    text = b"a: " + b"[" * 50 + b"\n---\nb: 1\nb: 2\n"

    assert codes(text) == ["too-deep", "duplicate-key"]


def test_aliases_repeat_a_value_where_they_stand() -> None:
    value = plain(parse("a: &x {b: [1]}\nc: *x\n"))

    assert value == {"a": {"b": [1]}, "c": {"b": [1]}}


SIGNS = """
    a: |b:| - |[|]|{|}|,|- |---|...|&a |*a|!|!! |!%ff|%YAML 1.1|? |: |#| #x|'|"|<<|1e999|~|`|@|%
    kind: policy|name: x|kind: workflow|states: |key: k|rules: [|\\|\\x|>-|é|é: |\0
"""
yaml_words = st.sampled_from(
    [*SIGNS.strip().replace("\n", "|").split("|"), "|", "\n", "\n  ", "\t"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(yaml_words, max_size=30).map("".join))
def test_any_text_gives_documents_or_problems(text: str) -> None:
    loaded = load_documents(text.encode(), file="a.yaml")

    assert all(problem.message and problem.place.file == "a.yaml" for problem in loaded.problems)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_documents_or_problems(content: bytes) -> None:
    loaded = load_documents(content, file="a.yaml")

    assert loaded.documents == ()


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab'\"\\ \n\té{}[]:#", max_size=40), st.sampled_from("'\""))
def test_every_character_of_a_quoted_text_is_found_where_it_stands(text: str, quote: str) -> None:
    escaped = (
        text.replace("'", "''") if quote == "'" else text.replace("\\", "\\\\").replace('"', '\\"')
    )
    source = f"v: {quote}{escaped}{quote}\n".replace("\n---", "\n")
    documents, problems = parse_documents(source.encode(), file="a.yaml")
    value: Any = documents[0].index["v"] if not problems else None
    lines = source.split("\n")

    marks = list(enumerate(value.value)) if isinstance(value, Scalar) else []
    found = [(mark, value.at(n)) for n, mark in marks if mark not in " \n\t"]

    assert [
        (mark, place)
        for mark, place in found
        if not lines[place.line - 1][place.column - 1 :].startswith((mark, f"\\{mark}"))
    ] == []
