"""Explanations: the clauses that decided, what they saw, and what they would need."""

import pytest

from bylaw.model.condition import Clause
from tests.expr.expressions import ENV, NAMES, condition


def needs(text: str, wanted: bool) -> list[str]:
    return [clause.needs for clause in condition(text).explain(ENV, wanted)]


@pytest.mark.parametrize(
    ("text", "wanted", "needed"),
    [
        ('tests == "failed"', True, ['tests == "failed"']),
        ("not frozen", False, ["frozen"]),
        ("params.force", False, ["not params.force"]),
        ("not params.force", True, ["not params.force"]),
        ("not not params.force", False, ["not params.force"]),
        ('params.branch == "main"', False, ['params.branch != "main"']),
        ('params.branch != "x"', False, ['params.branch == "x"']),
        ("params.count > 2", False, ["params.count <= 2"]),
        ("params.count >= 2", False, ["params.count < 2"]),
        ("params.count < 9", False, ["params.count >= 9"]),
        ("params.count <= 9", False, ["params.count > 9"]),
        ("actor.id in approved_by", False, ["actor.id not in approved_by"]),
        ('"x" not in approved_by', False, ['"x" in approved_by']),
        ("1 < params.count < 9", False, ["not (1 < params.count < 9)"]),
        (
            "(params.force and params.force) == true",
            False,
            ["(params.force and params.force) != true"],
        ),
        ("has(params.branch)", False, ["not has(params.branch)"]),
        ("not (frozen or params.gone)", True, ["not params.gone"]),
        ("params.count > 5 and params.force and frozen", True, ["params.count > 5", "frozen"]),
        ("params.count > 5 or frozen", True, ["params.count > 5", "frozen"]),
        ("params.gone and frozen", True, ["frozen", "params.gone"]),
        ("params.force and not frozen", False, ["not params.force", "frozen"]),
        ("frozen if params.force else true", True, ["frozen"]),
        ("true if frozen else frozen", True, ["frozen"]),
        ("frozen if params.gone else true", True, ["params.gone"]),
        ("frozen or frozen", True, ["frozen"]),
        ("any(x == 1 for x in approved_by)", True, ["any(x == 1 for x in approved_by)"]),
        ("params.force", True, []),
    ],
)
def test_what_a_condition_needs(text: str, wanted: bool, needed: list[str]) -> None:
    assert needs(text, wanted) == needed


def test_a_clause_says_what_it_saw() -> None:
    (clause,) = condition("params.count + len(params.files) > params.gone").explain(ENV, True)
    assert clause == Clause(
        text="params.count + len(params.files) > params.gone",
        saw={"params.count": 3, "params.files": ["src/a.py", "docs/b.md"]},
        needs="params.count + len(params.files) > params.gone",
    )


def test_what_was_seen_is_cut() -> None:
    loop: list[object] = []
    loop.append(loop)
    params = {"a": "x" * 100, "b": ["x" * 100], "c": loop, "d": "x"}
    text = "params.a == 1 and params.b == 1 and len(params.c) == 9 and params.d == 1 and now < now"
    saw = {
        name: seen
        for clause in condition(text).explain({**ENV, "params": params}, True)
        for name, seen in clause.saw.items()
    }
    assert saw == {
        "params.a": "x" * 79 + "…",
        "params.b": '["' + "x" * 77 + "…",
        "params.c": "…",
        "params.d": "x",
        "now": "2026-11-20T12:30:00Z",
    }


def test_a_named_condition_is_explained_by_its_own_clauses() -> None:
    names = NAMES.with_conditions({"calm": condition("not frozen and params.count < 2")})
    clauses = condition("calm", names).explain(ENV, True)
    assert [clause.text for clause in clauses] == ["params.count < 2"]
