"""Finds the rules that a call can match, by the index of its action."""

from collections.abc import Iterable, Sequence

from bylaw.model.action import Action, ActionSource, Selector
from bylaw.model.condition import Env
from bylaw.model.index import (
    BoundPersona,
    BoundPolicy,
    BoundRule,
    Level,
    RuleTable,
    rule_table,
    table_of_bound,
)
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


def table_for(snapshot: Snapshot, action: Action, env: Env) -> RuleTable:
    """Return the table of one call: what selects other records by their key is left out."""
    table = table_of(snapshot, action)
    if action.source is not ActionSource.BUILT_IN:
        return table
    key = env["params"].get("key")
    return _of_record(table, action, key) if isinstance(key, str) else table


def _of_record(table: RuleTable, action: Action, key: str) -> RuleTable:
    def meant(selector: Selector | None) -> bool:
        return selector is None or selector.selects(action.name, action.tags, key)

    bound = (
        BoundPolicy(policy=one.policy, rules=tuple(r for r in one.rules if meant(r.actions)))
        for one in table.bound
        if meant(one.policy.applies)
    )
    personas = (
        BoundPersona(persona=one.persona, checks=tuple(c for c in one.checks if meant(c.actions)))
        for one in table.personas
        if meant(one.persona.consult)
    )
    return table_of_bound(bound, personas)


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
