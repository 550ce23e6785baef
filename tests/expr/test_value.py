"""Values with `${…}`: what they become, what they say, and what is wrong with them."""

from datetime import UTC, datetime

import pytest

from bylaw.base.place import Place
from bylaw.expr.value import compile_value
from bylaw.model.condition import Unresolved
from tests.expr.expressions import ENV, HERE, NAMES, filled, node_of, scalar, value, value_mistakes


@pytest.mark.parametrize(
    ("raw", "becomes"),
    [
        ("plain", "plain"),
        (3, 3),
        (None, None),
        (False, False),
        ("${params.count}", 3),
        ("${params.count}\n", 3),
        ("${ params.count + 1 }", 4),
        ("${params.force}", True),
        ("${params.nothing}", None),
        ("${params.files}", ["src/a.py", "docs/b.md"]),
        ("${actor.works_for}", None),
        ("${append(approved_by, actor.id)}", ["ana", "bob", "ana"]),
        ("${protected}", ["main", "release/*"]),
        ("${sorted_tags}", ["a", "b"]),
        ("${now}", "2026-11-20T12:30:00Z"),
        ("${[now]}", ["2026-11-20T12:30:00Z"]),
        ('${{"at": params.count}}', {"at": 3}),
        ('${glob_any("a}", ["a}"])}', True),
        ("${glob_any('a}', ['a}'])}", True),
        (r'${"\"}"}', '"}'),
        ("${frozen and params.gone}", False),
        ("a ${params.branch}.", "a main."),
        ("${params.branch}@${params.count}", "main@3"),
        (
            "${params.force} ${params.nothing} ${params.share} ${now}",
            "true null 0.5 2026-11-20T12:30:00Z",
        ),
        ("x${params.files}${labels}", 'x["src/a.py","docs/b.md"]{"team":"web"}'),
        ("$${params.branch}", "${params.branch}"),
        ("$${a} ${params.branch} $${b}", "${a} main ${b}"),
        ("$$${params.branch}", "$${params.branch}"),
        ("$5 and {} and }", "$5 and {} and }"),
        (["a", "${params.count}"], ["a", 3]),
        ({"a": {"b": ["${params.branch}"]}}, {"a": {"b": ["main"]}}),
        ("two\nlines of ${params.branch}\n", "two\nlines of main\n"),
        ("", ""),
    ],
)
def test_a_value_is_filled(raw: object, becomes: object) -> None:
    names = NAMES.with_roots({"sorted_tags": NAMES.roots["tests"]})
    env = {**ENV, "sorted_tags": frozenset({"b", "a"})}
    assert value(raw, names).fill(env) == becomes


def test_a_local_moment_is_written_in_utc() -> None:
    assert filled('${timestamp("2026-11-20T12:30:00+02:00")}') == "2026-11-20T10:30:00Z"
    naive = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert filled("${params.at}", params={"at": naive}) == "2026-11-20T12:00:00Z"


def test_all_that_is_missing_is_named() -> None:
    lacking = filled({"a": "${params.x}", "b": ["${params.y} ${params.x}", "${resource.z}"]})
    assert lacking == Unresolved(missing=("params.x", "params.y", "resource"))


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("${params.branch + 1}", "write `text(…)` around the other"),
        ("${params.odd}", "`params.odd`: this value cannot be written down"),
        ("x${params.long}", "the text is longer than 100000 characters"),
        ("x${params.huge}", "these values do not fit"),
        ("${params.loop}", "`params.loop`: this is too large"),
    ],
)
def test_what_goes_wrong_is_said(raw: str, says: str) -> None:
    loop: list[object] = []
    loop.append(loop)
    params = {
        "branch": "x",
        "odd": object(),
        "long": "x" * 100_001,
        "huge": 10**5000,
        "loop": loop,
    }
    found = filled(raw, params=params)
    assert isinstance(found, Unresolved)
    assert says in found.errors[0]


def test_what_is_filled_in_is_no_part_of_the_facts() -> None:
    files = ["a"]
    env = {**ENV, "params": {"files": files}}
    for raw in ("${params.files}", "${protected}"):
        copy = value(raw).fill(env)
        assert isinstance(copy, list)
        copy.append("b")
    assert files == ["a"]
    assert filled("${protected}") == ["main", "release/*"]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("${params.branch} is protected.", "main is protected."),
        ("${params.target} is protected.", "(target is not known) is protected."),
        ("${any(x.age > 1 for x in params.people)}", "(age is not known)"),
        ("${params.branch + 1}", "(`params.branch + 1` is not known)"),
        (
            "${params.branch * params.branch * params.branch * params.branch}",
            "(`params.branch * params.branch * params… is not known)",
        ),
        ("${params.long}", "x" * 79 + "…"),
        ("${params.odd}!", "a b c!"),
        ("${params.huge}", "(`params.huge` is not known)"),
        (["${params.branch}", 3], "main, 3"),
        ({"into": "${params.branch}"}, "into: main"),
        ("plain", "plain"),
        (None, "null"),
    ],
)
def test_a_message_always_says_something(raw: object, says: str) -> None:
    params = {**ENV["params"], "long": "x" * 81, "odd": "a\nb\x1bc", "huge": 10**5000}
    assert value(raw).say({**ENV, "params": params}) == says


def test_a_value_knows_what_it_reads() -> None:
    compiled = value({"a": "${params.x} ${now}", "b": ["${actor.id}"], "c": "text"})
    assert compiled.reads == {"params.x", "now", "actor.id"}
    assert not compiled.constant
    assert value({"a": ["text"]}).constant


def test_a_value_stands_where_it_is_said_to() -> None:
    elsewhere = Place("rules/other.yaml", 9, 9)
    compiled = compile_value(scalar("x"), NAMES, problems=[], place=elsewhere)
    assert compiled is not None
    assert compiled.place == elsewhere
    assert hash(compiled) == hash(elsewhere)
    assert value("x").place == HERE


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (
            "a ${params.branch",
            "3 syntax: `${` has no closing `}` [write `$${` for the characters themselves]",
        ),
        (
            'a ${"params.branch}',
            "3 syntax: `${` has no closing `}` [write `$${` for the characters themselves]",
        ),
        ("ab ${testz}", "6 unknown-name: `testz` is not known here [did you mean `tests`?]"),
        ("ab ${}", "6 syntax: there is no expression here"),
        ("ab ${tests +}", "13 syntax: the expression ends too early"),
        (
            {"${tests}": 1},
            "1 not-allowed: the name of a field is not filled in [write the name itself]",
        ),
    ],
)
def test_what_is_wrong_is_named(raw: object, says: str) -> None:
    assert value_mistakes(raw) == [says]


def test_all_mistakes_of_a_value_are_found_at_once() -> None:
    assert len(value_mistakes({"a": "${x1} ${x2}", "b": ["${x3}"]})) == 3


@pytest.mark.parametrize(
    "text", ["params.branch", "tests", "actor.id", "protected", "quiet", "workflow.data.a.b"]
)
def test_forgotten_braces_are_found_where_it_is_asked(text: str) -> None:
    names = NAMES.with_conditions({"quiet": None})  # type: ignore[dict-item] # its name is enough
    problems: list[object] = []
    assert compile_value(scalar(text), names, problems=problems, strict=True) is None  # type: ignore[arg-type] # read as texts
    assert f"write `${{{text}}}`" in str(problems[0])
    assert value(text).constant


@pytest.mark.parametrize("text", ["reviewers", "actor.name", "actor.id.x", "passed", "a b", ""])
def test_other_texts_are_texts(text: str) -> None:
    compiled = compile_value(node_of(text), NAMES, problems=[], strict=True)
    assert compiled is not None
    assert compiled.fill(ENV) == text
