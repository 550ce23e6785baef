"""Why a condition is not what somebody wants: the clauses that decided, what they saw and need."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bylaw.base.draft import draft_of
from bylaw.base.plain import Plain, canonical
from bylaw.expr.evaluate import evaluate, negated, truth
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
from bylaw.model.condition import Clause, Env, Truth, Unresolved

LONGEST_VALUE = 80
# Whole numbers below it are shorter than that.
SHORT_NUMBER = 10**LONGEST_VALUE // 100
CLAUSE = draft_of(Clause)

# A part, and what it would have to be.
Said = tuple["Leaf", bool]
# A clause that stands in the way, with whether that is for want of knowing.
Found = tuple[bool, Clause]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """What is said of a part that is not looked into; `needs` is for wanting false, or true."""

    text: str
    reads: tuple[Read, ...]
    needs: tuple[str, str]


class Explainer:
    """Explains one condition; what it says of each part is put together when first asked for."""

    __slots__ = ("_leaves", "_root", "_sure", "_test")

    def __init__(self, root: Node, test: Callable[[Env], Truth]) -> None:
        """Explain the tree; `test` gives its truth fast."""
        self._root = root
        self._test = test
        self._leaves: dict[Node, Leaf] = {}
        # By what is wanted: the clauses, where it is the certain opposite that decides them.
        self._sure: dict[bool, tuple[Said, ...] | None] = {}

    def explain(self, env: Env, wanted: bool) -> tuple[Clause, ...]:  # noqa: FBT001 # the model's signature
        """Return the clauses that keep it from being `wanted`, the certain ones first."""
        said = self._test(env)
        if said is not wanted and not isinstance(said, Unresolved):
            sure = self._surely(wanted=wanted)
            if sure is not None:
                return tuple([_clause(leaf, env, wanted=needed) for leaf, needed in sure])
        found: list[Found] = []
        self._gather(found, self._root, said, env=env, wanted=wanted)
        found.sort(key=lambda one: one[0])
        return _once([clause for _, clause in found])

    def _surely(self, *, wanted: bool) -> tuple[Said, ...] | None:
        """Return what stands in the way whenever the whole is not `wanted`, if that is known."""
        if wanted not in self._sure:
            decided = _decided(self._root, said=not wanted, wanted=wanted)
            sure = None if decided is None else [(self._leaf(one), to) for one, to in decided]
            self._sure[wanted] = None if sure is None else _once_each(sure)
        return self._sure[wanted]

    def _gather(
        self, found: list[Found], node: Node, said: Truth, *, env: Env, wanted: bool
    ) -> None:
        """Add each clause of a part that stands in the way; `said` is the part's truth."""
        if said is wanted:
            return
        match node:
            case Both() | Either():
                for part, truth_of_part in _parts(node, said, env):
                    self._gather(found, part, truth_of_part, env=env, wanted=wanted)
            case Not(of=Both() | Either() | Not() | Choice()):
                self._gather(found, node.of, negated(said), env=env, wanted=not wanted)
            case Choice():
                part, needed_part = _chosen(node, env, wanted=wanted)
                self._gather(found, part, truth(part, env), env=env, wanted=needed_part)
            case _:
                clause = _clause(self._leaf(node), env, wanted=wanted)
                found.append((isinstance(said, Unresolved), clause))

    def _leaf(self, node: Node) -> Leaf:
        if node not in self._leaves:
            self._leaves[node] = _leaf(node)
        return self._leaves[node]


def _clause(leaf: Leaf, env: Env, *, wanted: bool) -> Clause:
    made: Any = new(CLAUSE)
    made.text, made.saw, made.needs = leaf.text, _saw(leaf.reads, env), leaf.needs[wanted]
    made.__class__ = Clause
    clause: Clause = made
    return clause


def _decided(node: Node, *, said: bool, wanted: bool) -> list[tuple[Node, bool]] | None:
    """Return the parts that decide, each with what it would have to be; nothing if it varies."""
    match node:
        case Both() | Either():
            if said is not isinstance(node, Both):
                return None
            found = [_decided(part, said=said, wanted=wanted) for part in node.parts]
            sure = [one for one in found if one is not None]
            return None if len(sure) < len(found) else [pair for one in sure for pair in one]
        case Not(of=Both() | Either() | Not() | Choice()):
            return _decided(node.of, said=not said, wanted=not wanted)
        case Choice():
            return None
        case _:
            return [(node, wanted)]


def _once(clauses: list[Clause]) -> tuple[Clause, ...]:
    """Return each text once, where it stands last."""
    return tuple({clause.text: clause for clause in reversed(clauses)}.values())[::-1]


def _once_each(said: list[Said]) -> tuple[Said, ...]:
    return tuple({leaf.text: (leaf, to) for leaf, to in reversed(said)}.values())[::-1]


new = object.__new__


def _parts(node: Both | Either, said: Truth, env: Env) -> Iterator[tuple[Node, Truth]]:
    """Give the parts with their truths: all of what holds together holds."""
    same = said is isinstance(node, Both)
    for part in node.parts:
        yield part, said if same else truth(part, env)


def _chosen(node: Choice, env: Env, *, wanted: bool) -> tuple[Node, bool]:
    """Return the part of a choice that decides, and what it would have to be."""
    test = truth(node.test, env)
    if isinstance(test, Unresolved):
        return node.test, True
    return (node.then if test else node.other), wanted


def _leaf(node: Node) -> Leaf:
    return Leaf(
        text=node.text,
        reads=tuple(one for one in walk(node) if isinstance(one, Read)),
        needs=(needed(node, wanted=False), needed(node, wanted=True)),
    )


def _saw(reads: tuple[Read, ...], env: Env) -> dict[str, Plain]:
    """Return the paths of a clause that have a value, with it."""
    saw: dict[str, Plain] = {}
    for path in reads:
        try:
            value = env[path.root]
            for step in path.steps:
                value = value[step]
        except FAILURES:
            value = evaluate(path, env)
        if not isinstance(value, Unresolved):
            saw[path.text] = cut(value)
    return saw


def cut(value: Plain) -> Plain:
    """Return a value to show: a long text, list or record is the beginning of its text."""
    kind = type(value)
    if kind is str and len(value) <= LONGEST_VALUE:
        return value
    if kind is bool or value is None or (kind is int and -SHORT_NUMBER < value < SHORT_NUMBER):
        return value
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
