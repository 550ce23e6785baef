"""Policies: their names, facts, conditions and groups; the rules are compiled in `rule`."""

from collections.abc import Iterable, Iterator
from datetime import date

from bylaw.base.node import Mapping, plain
from bylaw.base.plain import Record
from bylaw.base.problem import Problem
from bylaw.compile.context import Context
from bylaw.compile.field import day, flag, records, same_names, section, text
from bylaw.compile.keyword import schema_problems
from bylaw.compile.rule import Shared, compile_rule
from bylaw.compile.rule_names import rule_names, shadow_problems
from bylaw.compile.selector import compile_selector
from bylaw.expr.condition import compile_condition
from bylaw.expr.names import OPEN, Names
from bylaw.model.action import Selector
from bylaw.model.condition import Condition
from bylaw.model.document import Document
from bylaw.model.policy import Effect, Policy, Rule


def compile_policy(
    document: Document, context: Context, *, problems: list[Problem]
) -> Policy | None:
    """Compile a policy with all its rules, or return nothing after appending the problems."""
    before = len(problems)
    root = document.root
    problems.extend(shadow_problems(root, context))
    facts = _facts(section(root, "facts"), problems)
    applies = _applies(root, context, problems)
    shared = _shared(document, context, applies, facts, problems)
    policy = Policy(
        name=document.name,
        description=text(root, "description"),
        owner=text(root, "owner"),
        labels=_plain_section(root, "labels"),
        applies=applies,
        always=flag(root, "always"),
        shadow=text(root, "mode") == "shadow",
        until=day(root, "until", problems=problems),
        default=Effect(text(root, "default", Effect.NONE.value)),
        facts=facts,
        rules=_rules(root, shared, problems),
        place=document.place,
    )
    return policy if len(problems) == before else None


def expired(policies: Iterable[Policy], today: date) -> Iterator[Problem]:
    """Give the policies that are past their last day in shadow mode: somebody must decide."""
    for policy in policies:
        if policy.shadow and policy.until is not None and policy.until < today:
            message = f"`{policy.name}` was in shadow mode until {policy.until}"
            hint = "write `mode: enforce`, take the policy out, or give it more days"
            yield Problem(policy.place, "expired", message, hint)


def _applies(root: Mapping, context: Context, problems: list[Problem]) -> Selector:
    node = section(root, "applies")
    actions = node.get("actions") if node is not None else None
    return compile_selector(actions, context, problems=problems, place=root.place)


def _facts(node: Mapping | None, problems: list[Problem]) -> dict[str, Record]:
    """Return the JSON Schemas of the facts that callers send."""
    entries = node.entries if node is not None else ()
    for _, schema in entries:
        problems.extend(schema_problems(schema))
    return {str(key.value): plain(schema) for key, schema in entries}


def _shared(
    document: Document,
    context: Context,
    applies: Selector,
    facts: dict[str, Record],
    problems: list[Problem],
) -> Shared:
    """Compile what the rules share: conditions, then groups, which may use them."""
    root = document.root
    names = rule_names(context, applies)
    names = names.with_roots(dict.fromkeys(facts, OPEN))
    names = names.with_vars(_plain_section(root, "vars"))
    names = names.with_conditions(_conditions(section(root, "conditions"), names, problems))
    return Shared(
        context=context,
        policy=document.name,
        applies=applies,
        names=names,
        groups=_conditions(section(root, "groups"), names, problems),
    )


def _conditions(
    node: Mapping | None, names: Names, problems: list[Problem]
) -> dict[str, Condition]:
    """Compile named conditions in document order; a later one may use an earlier one."""
    found: dict[str, Condition] = {}
    for key, value in node.entries if node is not None else ():
        known = names.with_conditions({**names.conditions, **found})
        condition = compile_condition(value, known, problems=problems)
        if condition is not None:
            found[str(key.value)] = condition
    return found


def _rules(root: Mapping, shared: Shared, problems: list[Problem]) -> tuple[Rule, ...]:
    nodes = records(root.get("rules"))
    problems.extend(same_names(nodes, "rules"))
    rules = [compile_rule(node, shared, problems=problems) for node in nodes]
    return tuple(rule for rule in rules if rule is not None)


def _plain_section(root: Mapping, key: str) -> Record:
    node = section(root, key)
    return plain(node) if node is not None else {}
