"""Finds the rules that a call can match, by the index of its action."""

from collections.abc import Iterable, Sequence

from bylaw.model.action import Action
from bylaw.model.condition import Env
from bylaw.model.index import BoundRule, Level, RuleTable, rule_table
from bylaw.model.snapshot import Snapshot


def table_of(snapshot: Snapshot, action: Action) -> RuleTable:
    """Return the table of an action.

    A tool that nobody declared has none; the policies that select it by glob still apply.
    """
    table = snapshot.rules.get(action.name)
    if table is not None:
        return table
    policies, personas = snapshot.policies.values(), snapshot.personas.values()
    return rule_table(policies, personas, action.name, action.tags)


def candidates(table: RuleTable, env: Env) -> Sequence[BoundRule]:
    """Return every rule that may match, in document order."""
    if not table.levels:
        return table.rules
    numbers = list(table.unkeyed)
    for level in table.levels:
        numbers.extend(_keyed(level, env))
    numbers.sort()
    return [table.rules[number] for number in numbers]


def _keyed(level: Level, env: Env) -> Iterable[int]:
    value = env
    for name in level.path:
        if type(value) is not dict or name not in value:
            return level.every
        value = value[name]
    # By exact type: true equals 1, and a value of another type may be an error in a rule.
    if type(value) is not level.kind:
        return level.every
    return level.by_value.get(value, ())
