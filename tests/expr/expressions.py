"""Builders for expressions: names, facts, and how a text compiles."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bylaw.base.node import Mapping as Tree
from bylaw.base.node import Node, Scalar, Sequence
from bylaw.base.place import Place
from bylaw.base.plain import Plain
from bylaw.base.problem import Problem
from bylaw.expr.condition import compile_condition
from bylaw.expr.names import BASE_ROOTS, LEAF, LIST, OPEN, Names
from bylaw.expr.value import compile_value
from bylaw.model.condition import Condition, Truth, Unresolved, Value

HERE = Place("rules/test.yaml", 3, 1)
NOON = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
ROOTS = {
    **BASE_ROOTS,
    "tests": LEAF,
    "approved_by": LEAF,
    "names": LIST,
    "frozen": LEAF,
    "labels": OPEN,
}
NAMES = Names(
    roots=ROOTS,
    vars={
        "protected": ["main", "release/*"],
        "limits": {"files": 3},
        "regex": "^m",
        "sizes": [1, 2],
    },
    conditions={},
    states=frozenset({"draft", "open", "open.unanswered"}),
)
ENV: Mapping[str, Any] = {
    "actor": {
        "id": "ana",
        "kind": "agent",
        "roles": ["developer"],
        "works_for": None,
        "access": [],
    },
    "action": {"name": "git.push", "tags": frozenset({"git"})},
    "params": {
        "branch": "main",
        "force": True,
        "count": 3,
        "share": 0.5,
        "nothing": None,
        "files": ["src/a.py", "docs/b.md"],
        "items": {"keys": 1, "get": "got", "length": 2},
        "people": [{"name": "ana"}, {"name": "bob"}],
        "from": "there",
        "dry-run": True,
    },
    "workflow": None,
    "session": {},
    "scope": "main",
    "now": NOON,
    "tests": "passed",
    "approved_by": ["ana", "bob"],
    "frozen": False,
    "labels": {"team": "web"},
    "$states": frozenset({"draft"}),
}


def scalar(value: Plain) -> Scalar:
    """Return a scalar on one line."""
    return Scalar(
        value=value, place=HERE, at=lambda offset: Place(HERE.file, HERE.line, 1 + offset)
    )


def node_of(value: Plain) -> Node:
    """Return the node of a scalar, list or record."""
    if isinstance(value, dict):
        entries = tuple((scalar(key), node_of(one)) for key, one in value.items())
        return Tree(entries=entries, place=HERE)
    if isinstance(value, list):
        return Sequence(items=tuple(map(node_of, value)), place=HERE)
    return scalar(value)


def compiled_condition(text: Plain, names: Names = NAMES) -> Condition | None:
    """Compile a condition, or nothing."""
    return compile_condition(node_of(text), names, problems=[])


def compiled_value(raw: Plain, names: Names = NAMES) -> Value | None:
    """Compile a value, or nothing."""
    return compile_value(node_of(raw), names, problems=[])


def condition(text: Plain, names: Names = NAMES) -> Condition:
    """Compile a condition that has no mistake."""
    problems: list[Problem] = []
    compiled = compile_condition(node_of(text), names, problems=problems)
    assert compiled is not None, problems
    return compiled


def value(raw: Plain, names: Names = NAMES) -> Value:
    """Compile a value that has no mistake."""
    problems: list[Problem] = []
    compiled = compile_value(node_of(raw), names, problems=problems)
    assert compiled is not None, problems
    return compiled


def truth(text: Plain, **facts: Any) -> Truth:
    """Return whether a condition holds over the facts above, and these."""
    return condition(text).test({**ENV, **facts})


def missing(text: Plain, **facts: Any) -> tuple[str, ...]:
    """Return what a condition lacks."""
    found = truth(text, **facts)
    assert isinstance(found, Unresolved)
    return found.missing


def error(text: Plain, **facts: Any) -> str:
    """Return what goes wrong in a condition, each thing on a line."""
    found = truth(text, **facts)
    assert isinstance(found, Unresolved)
    return "\n".join(found.errors)


def filled(raw: Plain, **facts: Any) -> Plain:
    """Return what a value becomes."""
    return value(raw).fill({**ENV, **facts})


def mistakes(text: Plain, names: Names = NAMES) -> list[str]:
    """Return the mistakes of a condition: column, code, message and hint."""
    problems: list[Problem] = []
    assert compile_condition(node_of(text), names, problems=problems) is None
    return [_line(problem) for problem in problems]


def value_mistakes(raw: Plain, *, strict: bool = False) -> list[str]:
    """Return the mistakes of a value: column, code, message and hint."""
    problems: list[Problem] = []
    assert compile_value(node_of(raw), NAMES, problems=problems, strict=strict) is None
    return [_line(problem) for problem in problems]


def _line(problem: Problem) -> str:
    text = f"{problem.place.column} {problem.code}: {problem.message}"
    return f"{text} [{problem.hint}]" if problem.hint else text
