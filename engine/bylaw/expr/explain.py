"""Why a condition is not what somebody wants: the clauses that decided, what they saw and need."""

from collections.abc import Iterator

from bylaw.base.plain import Plain, canonical
from bylaw.expr.evaluate import evaluate, truth
from bylaw.expr.failure import FAILURES
from bylaw.expr.operators import OPPOSITE
from bylaw.expr.text import plain_of
from bylaw.expr.tree import (
    Both,
    Choice,
    Comparison,
    Either,
    Node,
    Not,
    Read,
    walk,
)
from bylaw.model.condition import Clause, Env, Unresolved

LONGEST_VALUE = 80


def explain(root: Node, env: Env, wanted: bool) -> tuple[Clause, ...]:  # noqa: FBT001 # the model's signature
    """Return the clauses that keep an expression from being `wanted`, the certain ones first."""
    found = list(_clauses(root, env, wanted=wanted))
    found.sort(key=lambda one: one[0])
    return tuple({clause.text: clause for _, clause in reversed(found)}.values())[::-1]


def _clauses(node: Node, env: Env, *, wanted: bool) -> Iterator[tuple[bool, Clause]]:
    """Give each clause that stands in the way, and whether that is for want of knowing."""
    said = truth(node, env)
    if said is wanted:
        return
    below = _below(node, env, wanted=wanted)
    if below:
        for part, needed in below:
            yield from _clauses(part, env, wanted=needed)
    else:
        yield isinstance(said, Unresolved), _clause(node, env, wanted=wanted)


def _below(node: Node, env: Env, *, wanted: bool) -> list[tuple[Node, bool]]:
    """Return the parts that decide about a node, and what each would have to be."""
    match node:
        case Both() | Either():
            return [(part, wanted) for part in node.parts]
        case Not() if isinstance(node.of, Both | Either | Not | Choice):
            return [(node.of, not wanted)]
        case Choice():
            test = truth(node.test, env)
            if isinstance(test, Unresolved):
                return [(node.test, True)]
            return [(node.then if test else node.other, wanted)]
        case _:
            return []


def _clause(node: Node, env: Env, *, wanted: bool) -> Clause:
    return Clause(
        text=node.text,
        saw={path.text: cut(value) for path, value in _seen(node, env)},
        needs=needed(node, wanted=wanted),
    )


def _seen(node: Node, env: Env) -> Iterator[tuple[Read, Plain]]:
    """Give the paths of a clause that have a value."""
    for path in walk(node):
        if isinstance(path, Read):
            value = evaluate(path, env)
            if not isinstance(value, Unresolved):
                yield path, value


def cut(value: Plain) -> Plain:
    """Return a value to show: a long text, list or record is the beginning of its text."""
    try:
        plain = plain_of(value)
        text = plain if isinstance(plain, str) else canonical(plain)
    except FAILURES:
        return "…"
    return plain if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def needed(node: Node, *, wanted: bool) -> str:
    """Return in an author's words what makes a clause what is wanted."""
    if isinstance(node, Not):
        return needed(node.of, wanted=not wanted)
    if wanted:
        return node.text
    if isinstance(node, Comparison) and len(node.rest) == 1:
        ((sign, right),) = node.rest
        return f"{_operand(node.first)} {OPPOSITE[sign]} {_operand(right)}"
    return f"not {_operand(node)}"


def _operand(node: Node) -> str:
    loose = isinstance(node, Both | Either | Not | Choice | Comparison)
    return f"({node.text})" if loose else node.text
