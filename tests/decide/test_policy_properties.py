"""What must hold for any policies and any call."""

from dataclasses import replace
from functools import cache
from itertools import cycle, permutations
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from bylaw.base.plain import Record
from bylaw.compile.index import indexed
from bylaw.decide.policy import decide
from bylaw.model.actor import Actor
from bylaw.model.decision import Decision
from bylaw.model.index import BoundPolicy, RuleTable, table_of_bound
from bylaw.model.policy import Effect, Policy, Rule
from bylaw.model.snapshot import Snapshot
from tests.decide.houses import ANA, CLAUDE, EVE, action, env, house

# Each may be true, false, in error, or over something missing.
CLAUSES = (
    'params.branch == "main"',
    'params.branch == "x"',
    'params.branch in ["main", "dev"]',
    "params.size == 1",
    "params.size > 2",
    "params.force",
    'params.branch + 1 == "x"',
    "has(params.size) and params.size == 0",
    'actor.kind == "agent"',
    'params.nested.name == "x"',
)
EFFECTS = (
    "deny",
    "ask\n    approvers: [admin]",
    "transform\n    change: {params.size: 9}",
    "warn",
    "allow",
)
WHO = ("", "\n    who: [kind:agent]", "\n    who: [developer]", "\n    who: [big]")
TOOL = """
kind: action
name: tool.use
params: {branch: {default: ""}, size: {default: 0}, force: {default: false}, nested: {default: 0}}
"""
HEAD = """
kind: policy
name: p
applies: {actions: [tool.use]}
groups: {big: params.size > 2}
rules:
"""


@cache
def pool() -> Policy:
    """Return a policy with every pair of clauses in both orders, all effects and lists."""
    pairs = [(one, other) for one, other in permutations(CLAUSES, 2)]
    effects, people, excuses = cycle(EFFECTS), cycle(WHO), cycle(("", *CLAUSES, ""))
    rules = []
    for number, (one, other) in enumerate(pairs):
        excuse = next(excuses)
        unless = f"\n    unless: '{excuse}'" if excuse else ""
        rules.append(
            f"  - name: r{number}\n    when: '{one} and {other}'"
            f"\n    effect: {next(effects)}{next(people)}{unless}"
        )
    rules += [f"  - name: bare{n}\n    effect: {effect}" for n, effect in enumerate(EFFECTS)]
    rules += [
        f"  - name: single{n}\n    when: '{clause}'\n    effect: {effect}"
        for n, clause in enumerate(CLAUSES)
        for effect in (EFFECTS[n % len(EFFECTS)],)
    ]
    return house(TOOL, HEAD + "\n".join(rules)).policies["p"]


ONE = st.deferred(lambda: st.sampled_from(pool().rules))
RULES = st.lists(ONE, max_size=20, unique=True)
# Enough of them for the index to have levels.
MANY = st.lists(ONE, min_size=20, max_size=60, unique=True)
CALLS = st.fixed_dictionaries(
    {},
    optional={
        "branch": st.sampled_from(["main", "x", "dev", "other", 1, True, None, 1.0]),
        "size": st.sampled_from([0, 1, True, 1.0, 3, "1", None]),
        "force": st.sampled_from([True, False, 1, "yes", None]),
        "nested": st.sampled_from([{"name": "x"}, {"name": 1}, {}, "x"]),
    },
)
ACTORS = st.sampled_from([ANA, CLAUDE, EVE])


def table(rules: list[Rule]) -> RuleTable:
    policy = replace(pool(), rules=tuple(rules))
    return table_of_bound([BoundPolicy(policy=policy, rules=policy.rules)], [])


def of_table(rules: RuleTable) -> Snapshot:
    return replace(house(TOOL), rules={"tool.use": rules})


def asked(rules: RuleTable, params: Record, actor: Actor) -> Decision:
    snapshot = of_table(rules)
    seen = env(snapshot, "tool.use", params, actor=actor)
    return decide(snapshot, action(snapshot, "tool.use"), seen)


@settings(max_examples=300, deadline=None)
@given(MANY, CALLS, ACTORS)
def test_the_index_leaves_out_nothing_that_matters(
    rules: list[Rule], params: Record, actor: Actor
) -> None:
    plain = table(rules)
    assert asked(indexed(plain), params, actor) == asked(plain, params, actor)


@settings(max_examples=200, deadline=None)
@given(RULES, CALLS, ACTORS, st.randoms(use_true_random=False))
def test_the_order_of_rules_does_not_change_the_verdict(
    rules: list[Rule], params: Record, actor: Actor, random: Random
) -> None:
    shuffled = random.sample(rules, len(rules))
    one, other = asked(table(rules), params, actor), asked(table(shuffled), params, actor)
    assert (one.verdict, one.params) == (other.verdict, other.params)


@settings(max_examples=200, deadline=None)
@given(RULES, CALLS, ACTORS, st.deferred(lambda: st.sampled_from(denies())))
def test_one_more_deny_never_widens_what_is_allowed(
    rules: list[Rule], params: Record, actor: Actor, deny: Rule
) -> None:
    before = asked(table(rules), params, actor)
    after = asked(table([*rules, deny]), params, actor)
    assert before.allowed or not after.allowed


@settings(max_examples=200, deadline=None)
@given(CALLS, ACTORS, st.integers(0, 10**6))
def test_the_order_of_clauses_does_not_change_whether_a_rule_matches(
    params: Record, actor: Actor, seed: int
) -> None:
    pairs = list(permutations(CLAUSES, 2))
    one, other = pairs[seed % len(pairs)]
    forth, back = (as_deny(pairs.index(pair)) for pair in ((one, other), (other, one)))
    first, second = asked(table([forth]), params, actor), asked(table([back]), params, actor)
    assert first.verdict is second.verdict


@settings(max_examples=100, deadline=None)
@given(RULES, CALLS, ACTORS)
def test_a_deny_in_error_denies(rules: list[Rule], params: Record, actor: Actor) -> None:
    broken = next(
        rule
        for rule in pool().rules
        if rule.when is not None and rule.when.text == 'params.branch + 1 == "x"'
    )
    deny = replace(broken, effect=Effect.DENY)
    call = {**params, "branch": "main"}
    assert asked(table([*rules, deny]), call, actor).verdict is Effect.DENY


@settings(max_examples=100, deadline=None)
@given(RULES, CALLS, ACTORS)
def test_it_does_not_matter_when_a_decision_is_asked_for_its_reasons(
    rules: list[Rule], params: Record, actor: Actor
) -> None:
    # given
    late = asked(table(rules), params, actor)

    # when
    at_once = asked(table(rules), params, actor).whole()

    # then
    assert at_once.teller is None
    assert (late.warnings, late.because) == (at_once.warnings, at_once.because)
    assert late == at_once


def denies() -> list[Rule]:
    return [rule for rule in pool().rules if rule.effect is Effect.DENY]


def as_deny(number: int) -> Rule:
    """Return a rule with two clauses as a bare deny: no list, no exception."""
    return replace(pool().rules[number], effect=Effect.DENY, who=None, excuses=(), change={})
