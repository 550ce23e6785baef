"""Builds the index: for each action the rules over it, keyed by what they compare with constants.

A rule whose `when` holds only if `params.branch` is `main` is looked at for that branch alone,
so that a decision does not cost more because of rules that cannot match.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

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

# A path and the type of the constants on it.
Key = tuple[str, type]


def bind(
    policies: Iterable[Policy],
    actions: Mapping[str, Action],
    personas: Iterable[Persona] = (),
) -> Mapping[str, RuleTable]:
    """Return the table of every action of the catalogue."""
    catalogue = _Catalogue(actions)
    bound: dict[str, list[BoundPolicy]] = {}
    for policy in policies:
        parts = [(rule, catalogue.names(rule.actions)) for rule in policy.rules]
        for name in catalogue.names(policy.applies):
            rules = tuple(rule for rule, names in parts if name in names)
            bound.setdefault(name, []).append(BoundPolicy(policy=policy, rules=rules))
    consulted: dict[str, list[BoundPersona]] = {}
    for persona in personas:
        checked = [(check, catalogue.names(check.actions)) for check in persona.checks]
        for name in catalogue.names(persona.consult):
            checks = tuple(check for check, names in checked if name in names)
            consulted.setdefault(name, []).append(BoundPersona(persona=persona, checks=checks))
    return {
        name: indexed(table_of_bound(bound.get(name, ()), consulted.get(name, ())))
        for name in actions
    }


class _Catalogue:
    """Which actions each word of a selector means; many selectors share their words."""

    def __init__(self, actions: Mapping[str, Action]) -> None:
        self._actions = actions
        self._every = frozenset(actions)
        self._by_word: dict[str, frozenset[str]] = {}

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
    after = indexed(table.after) if table.after is not None else None
    levels: list[Level] = []
    unkeyed = tuple(range(len(table.rules)))
    while len(unkeyed) >= FEWEST:
        level = _level(table, unkeyed)
        if level is None:
            break
        levels.append(level)
        taken = frozenset(level.every)
        unkeyed = tuple(number for number in unkeyed if number not in taken)
    return replace(table, levels=tuple(levels), unkeyed=unkeyed, after=after)


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
