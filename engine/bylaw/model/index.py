"""The index of rules: per action, which rules can matter, found by what the call says."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bylaw.base.plain import Plain
from bylaw.model.persona import Check, Persona
from bylaw.model.policy import Effect, Policy, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundPolicy:
    """A policy as it stands over one action: only the rules that select this action."""

    policy: Policy
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRule:
    """A rule with its policy."""

    policy: Policy
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundPersona:
    """A persona as it is consulted about one action: only the checks that look at it."""

    persona: Persona
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Rules that can match only if one value of the call is among their constants.

    `path` leads to the value. `by_value` has the numbers of the rules for each constant, all
    of the type `kind`. A value that is missing or of another type decides nothing here: then
    `every` of these rules is looked at, so that an error still counts.
    """

    path: tuple[str, ...]
    kind: type
    by_value: Mapping[Plain, tuple[int, ...]]
    every: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTable:
    """Everything that is asked about one action.

    `rules` are those of all policies, in the order of the policies and then of the document;
    levels and `unkeyed` name them by number. `defaults` are the policies that say something
    even where none of their rules matches.
    """

    bound: tuple[BoundPolicy, ...] = ()
    rules: tuple[BoundRule, ...] = ()
    levels: tuple[Level, ...] = ()
    unkeyed: tuple[int, ...] = ()
    defaults: tuple[BoundPolicy, ...] = ()
    facts: frozenset[str] = frozenset()
    personas: tuple[BoundPersona, ...] = ()

    def __iter__(self) -> Iterator[BoundPolicy]:
        """Walk the policies that apply."""
        return iter(self.bound)


def rule_table(
    policies: Iterable[Policy], personas: Iterable[Persona], name: str, tags: frozenset[str]
) -> RuleTable:
    """Return the table of one action, found by asking every selector."""
    return table_of_bound(_bound(policies, name, tags), _consulted(personas, name, tags))


def table_of_bound(bound: Iterable[BoundPolicy], personas: Iterable[BoundPersona]) -> RuleTable:
    """Return a table without levels: every rule is looked at."""
    listed = tuple(bound)
    rules = tuple(BoundRule(policy=one.policy, rule=rule) for one in listed for rule in one.rules)
    return RuleTable(
        bound=listed,
        rules=rules,
        unkeyed=tuple(range(len(rules))),
        defaults=tuple(one for one in listed if one.policy.default is not Effect.NONE),
        facts=frozenset(fact for one in listed for fact in one.policy.facts),
        personas=tuple(personas),
    )


def _bound(policies: Iterable[Policy], name: str, tags: frozenset[str]) -> Iterator[BoundPolicy]:
    for policy in policies:
        if policy.applies.could_select(name, tags):
            rules = (
                rule
                for rule in policy.rules
                if rule.actions is None or rule.actions.could_select(name, tags)
            )
            yield BoundPolicy(policy=policy, rules=tuple(rules))


def _consulted(
    personas: Iterable[Persona], name: str, tags: frozenset[str]
) -> Iterator[BoundPersona]:
    for persona in personas:
        if persona.consult.could_select(name, tags):
            checks = (
                check
                for check in persona.checks
                if check.actions is None or check.actions.could_select(name, tags)
            )
            yield BoundPersona(persona=persona, checks=tuple(checks))
