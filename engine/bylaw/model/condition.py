"""Conditions and values: texts of the author, checked and compiled.

`expr` makes them, `compile` puts them into the snapshot, `decide` calls them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bylaw.base.place import Place
from bylaw.base.plain import Plain

# What an expression sees: root names (`actor`, `params`, …), declared facts, and in a workflow
# its inputs and data, bare. Records are dicts. Names that begin with `$` belong to functions:
# `$states` is the frozenset of the ids of the active states and their ancestors.
Env = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Neither true nor false: what was missing, as dotted names, and what went wrong."""

    missing: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


Truth = bool | Unresolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A part of a condition that decided: its text, what it saw, what it would need."""

    text: str
    saw: Mapping[str, Plain]
    needs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition of the author.

    `reads` has every dotted name it can read (`params.branch`), `equalities` the clauses
    `path == constant` (or `path in [constants]`) without which it cannot be true: the index
    uses them. `test` never raises. `explain(env, wanted)` names the clauses that keep the
    condition from being `wanted`, likeliest first. `tree` is for `expr` alone, which puts the
    condition in where another one names it.
    """

    text: str
    place: Place
    reads: frozenset[str]
    equalities: tuple[tuple[str, tuple[Plain, ...]], ...] = ()
    test: Callable[[Env], Truth] = field(compare=False, hash=False, repr=False)
    explain: Callable[[Env, bool], tuple[Clause, ...]] = field(
        compare=False, hash=False, repr=False
    )
    tree: object = field(default=None, compare=False, hash=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value that a run fills: text with `${…}`, or a list or record of such values.

    `fill` gives the typed value, or what is missing; it never raises. `say` gives text for
    people and agents: inserted values are cut at 80 characters, and a missing one reads
    `(branch is not known)`. `constant` says that nothing is to be filled in.
    """

    raw: Plain
    place: Place
    reads: frozenset[str]
    constant: bool
    fill: Callable[[Env], Plain | Unresolved] = field(compare=False, hash=False, repr=False)
    say: Callable[[Env], str] = field(compare=False, hash=False, repr=False)

    def __hash__(self) -> int:
        """Hash by place: `raw` may be a record."""
        return hash(self.place)
