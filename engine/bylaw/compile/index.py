"""Builds the index: for each action the rules over it, keyed by what they compare with constants.

A rule whose `when` holds only if `params.branch` is `main` is looked at for that branch alone,
so that a decision does not cost more because of rules that cannot match.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from operator import is_
from typing import TypeAlias, TypeVar

from bylaw.base.place import Place
from bylaw.base.plain import Plain
from bylaw.model.action import Action, Selector
from bylaw.model.index import BoundPersona, BoundPolicy, Level, RuleTable, table_of_bound
from bylaw.model.persona import Persona
from bylaw.model.policy import Policy, Rule

# With fewer rules, looking up a value costs more than it saves.
FEWEST = 8
# What can be a key: of these types, equal values have equal hashes and nothing else is equal.
KINDS = (str, int)

Part = TypeVar("Part")
# The parts of one document by the action that they are about.
Bound: TypeAlias = tuple[tuple[str, Part], ...]
# A path and the type of the constants on it.
Key = tuple[str, type]


class Binder:
    """Binds a house again and again; keeps what a changed document does not touch.

    Policies and personas are known by identity: the compiler gives the same object for a
    document that did not change. Tags and names are those of one catalogue; another begins anew.
    """

    def __init__(self) -> None:
        """Begin with nothing bound."""
        self._catalogue = _Catalogue({})
        self._policies: dict[int, tuple[Policy, Bound[BoundPolicy]]] = {}
        self._personas: dict[int, tuple[Persona, Bound[BoundPersona]]] = {}
        self._tables: dict[str, RuleTable] = {}

    def bind(
        self,
        policies: Iterable[Policy],
        actions: Mapping[str, Action],
        personas: Iterable[Persona] = (),
    ) -> Mapping[str, RuleTable]:
        """Return the table of every action of the catalogue."""
        if not self._catalogue.is_of(actions):
            self._catalogue, self._policies, self._personas = _Catalogue(actions), {}, {}
        self._policies = {id(one): self._bound_policy(one) for one in policies}
        self._personas = {id(one): self._bound_persona(one) for one in personas}
        bound = _by_action(parts for _, parts in self._policies.values())
        consulted = _by_action(parts for _, parts in self._personas.values())
        self._tables = {
            name: self._table(name, bound.get(name, []), consulted.get(name, []))
            for name in actions
        }
        return dict(self._tables)

    def _bound_policy(self, policy: Policy) -> tuple[Policy, Bound[BoundPolicy]]:
        known = self._policies.get(id(policy))
        if known is not None:
            return known
        parts = [(rule, self._catalogue.names(rule.actions)) for rule in policy.rules]
        return policy, tuple(
            (name, BoundPolicy(policy=policy, rules=_of(parts, name)))
            for name in self._catalogue.names(policy.applies)
        )

    def _bound_persona(self, persona: Persona) -> tuple[Persona, Bound[BoundPersona]]:
        known = self._personas.get(id(persona))
        if known is not None:
            return known
        parts = [(check, self._catalogue.names(check.actions)) for check in persona.checks]
        return persona, tuple(
            (name, BoundPersona(persona=persona, checks=_of(parts, name)))
            for name in self._catalogue.names(persona.consult)
        )

    def _table(
        self, name: str, bound: list[BoundPolicy], consulted: list[BoundPersona]
    ) -> RuleTable:
        known = self._tables.get(name)
        if known is not None and _same(known.bound, bound) and _same(known.personas, consulted):
            return known
        return indexed(table_of_bound(bound, consulted))


def _of(parts: Iterable[tuple[Part, frozenset[str]]], name: str) -> tuple[Part, ...]:
    return tuple(part for part, names in parts if name in names)


def _by_action(every: Iterable[Bound[Part]]) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = {}
    for parts in every:
        for name, part in parts:
            found.setdefault(name, []).append(part)
    return found


def _same(one: Sequence[object], other: Sequence[object]) -> bool:
    return len(one) == len(other) and all(map(is_, one, other))


class _Catalogue:
    """Which actions each word of a selector means; many selectors share their words."""

    def __init__(self, actions: Mapping[str, Action]) -> None:
        self._actions = actions
        self._tags = {name: action.tags for name, action in actions.items()}
        self._every = frozenset(actions)
        self._by_word: dict[str, frozenset[str]] = {}

    def is_of(self, actions: Mapping[str, Action]) -> bool:
        """Say whether a selector means the same in this catalogue."""
        return self._tags == {name: action.tags for name, action in actions.items()}

    def names(self, selector: Selector | None) -> frozenset[str]:
        """Return the actions of a selector; without one, all of them."""
        if selector is None:
            return self._every
        return frozenset().union(*map(self._meant, selector.words))

    def _meant(self, word: str) -> frozenset[str]:
        if word in self._actions:
            return frozenset((word,))
        if word not in self._by_word:
            selector = Selector(words=(word,), place=Place(""))
            self._by_word[word] = frozenset(
                action.name
                for action in self._actions.values()
                if selector.could_select(action.name, action.tags)
            )
        return self._by_word[word]


def indexed(table: RuleTable) -> RuleTable:
    """Return the table with its rules keyed, where that pays."""
    levels: list[Level] = []
    unkeyed = tuple(range(len(table.rules)))
    while len(unkeyed) >= FEWEST:
        level = _level(table, unkeyed)
        if level is None:
            break
        levels.append(level)
        taken = frozenset(level.every)
        unkeyed = tuple(number for number in unkeyed if number not in taken)
    return replace(table, levels=tuple(levels), unkeyed=unkeyed)


def _level(table: RuleTable, numbers: tuple[int, ...]) -> Level | None:
    """Return a level over the path that most of the rules compare, if several do."""
    keyed = {number: _constants(table.rules[number].rule) for number in numbers}
    counts = Counter(key for constants in keyed.values() for key in constants)
    if not counts:
        return None
    # The first of the most frequent in the order of the words: the same for every file order.
    key = min(counts, key=lambda one: (-counts[one], one[0], one[1].__name__))
    if counts[key] < FEWEST:
        return None
    by_value: dict[Plain, list[int]] = {}
    every = [number for number in numbers if key in keyed[number]]
    for number in every:
        for value in keyed[number][key]:
            by_value.setdefault(value, []).append(number)
    return Level(
        path=tuple(key[0].split(".")),
        kind=key[1],
        by_value={value: tuple(found) for value, found in by_value.items()},
        every=tuple(every),
    )


def _constants(rule: Rule) -> dict[Key, frozenset[Plain]]:
    """Return the constants of a rule by path, where all on one path have one type."""
    found: dict[Key, frozenset[Plain]] = {}
    for path, values in rule.when.equalities if rule.when is not None else ():
        kinds = {type(value) for value in values}
        if len(kinds) == 1 and kinds <= set(KINDS):
            found[path, kinds.pop()] = frozenset(values)
    return found
