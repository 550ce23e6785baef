"""What a rule that matched says for one call: message, clauses, what to do instead."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from bylaw.base.plain import Plain
from bylaw.decide.advice import advise
from bylaw.decide.persona import Voiced
from bylaw.decide.rule import Doubt, Outcome, rule_outcome
from bylaw.decide.who import caller_holds
from bylaw.model.advice import Advice
from bylaw.model.condition import Clause, Env, Unresolved
from bylaw.model.decision import Finding, finding
from bylaw.model.index import BoundPolicy
from bylaw.model.persona import Check
from bylaw.model.policy import Effect, Rule

NOTHING: Mapping[str, Plain] = MappingProxyType({})
# What a condition is wanted to do, when it is asked what keeps it from that.
HOLDS, FAILS = True, False
# So many rules are named that would have allowed a call which a default refuses.
MOST_NEAR = 3


def finding_of(rule: Rule, outcome: Outcome, env: Env) -> Finding:
    """Return what a rule that counts as matched says."""
    teller = partial(_told, rule, outcome, env)
    return finding(rule.ref, rule.place, rule.effect, teller=teller)


def _told(rule: Rule, outcome: Outcome, env: Env, name: str) -> Any:
    return TELLERS[name](rule, outcome, env)


def default_finding(bound: BoundPolicy, unknown: Unresolved, env: Env) -> Finding:
    """Return what a policy says by its default, with the rules that were nearest to allow it.

    `unknown` is what its rules did not know.
    """
    policy = bound.policy
    return Finding(
        rule=policy.name,
        place=policy.place,
        effect=policy.default,
        message=f"No rule of the policy `{policy.name}` allows `{env['action']['name']}`.",
        clauses=tuple(_near_misses(bound.rules, env)),
        missing=unknown.missing,
        errors=unknown.errors,
    )


def veto_finding(voice: Voiced, check: Check, env: Env) -> Finding:
    """Return the denial of a persona with a veto."""
    persona, doubt = voice.bound.persona, voice.doubt or Unresolved()
    advice = voice.opinion.advice
    return Finding(
        rule=check.ref,
        place=check.place,
        effect=Effect.DENY,
        message=advice or f"{persona.title} has a veto here.",
        clauses=check.when.explain(env, FAILS) if check.when is not None else (),
        missing=doubt.missing,
        errors=doubt.errors,
        advice=Advice(say=advice) if advice else None,
    )


def _filled(rule: Rule, env: Env) -> Mapping[str, Plain]:
    """Return the changed params; a value that is not known stays unresolved in it."""
    if not rule.change:
        return NOTHING
    return {name: value.fill(env) for name, value in rule.change.items()}


def _why(rule: Rule, _outcome: Outcome, env: Env) -> tuple[Clause, ...]:
    """Return what would have to be otherwise for the rule not to match."""
    if rule.effect is Effect.ALLOW:
        return ()
    if rule.when is not None:
        return rule.when.explain(env, FAILS)
    return () if rule.who is None else (_not_one_of(rule.who.words, env),)


def _message(rule: Rule, _outcome: Outcome, env: Env) -> str:
    return rule.message.say(env) if rule.message is not None else ""


def _message_user(rule: Rule, _outcome: Outcome, env: Env) -> str:
    return rule.message_user.say(env) if rule.message_user is not None else ""


def _unknown(outcome: Outcome) -> Unresolved:
    return outcome.unresolved if isinstance(outcome, Doubt) else KNOWN


KNOWN = Unresolved()
# How each member of a finding is made of the rule, whether it matched, and what it saw.
TELLERS: Mapping[str, Callable[[Rule, Outcome, Env], Any]] = {
    "message": _message,
    "message_user": _message_user,
    "clauses": _why,
    "missing": lambda _rule, outcome, _env: _unknown(outcome).missing,
    "errors": lambda _rule, outcome, _env: _unknown(outcome).errors,
    "advice": lambda rule, _outcome, env: advise(rule.instead, env),
    "approval": lambda rule, _outcome, _env: rule.approval,
    "change": lambda rule, _outcome, env: _filled(rule, env),
}


def _not_one_of(words: tuple[str, ...], env: Env) -> Clause:
    listed = ", ".join(words)
    return Clause(text=f"who: {listed}", saw=_saw(env), needs=f"somebody who is not {listed}")


def _saw(env: Env) -> dict[str, Plain]:
    actor = env["actor"]
    return {"actor.id": actor["id"], "actor.kind": actor["kind"], "actor.roles": actor["roles"]}


def _near_misses(rules: Iterable[Rule], env: Env) -> Iterable[Clause]:
    """Give what the rules that allow lack, those that lack least first."""
    allowing = [rule for rule in rules if rule.effect is Effect.ALLOW]
    lacking = sorted((list(_lacks(rule, env)) for rule in allowing), key=len)
    for clauses in lacking[:MOST_NEAR]:
        yield from clauses


def _lacks(rule: Rule, env: Env) -> Iterable[Clause]:
    name = rule.ref.rpartition("/")[2]
    if rule.who is not None and caller_holds(rule.who, env) is not True:
        needs = "one of " + ", ".join(rule.who.words)
        yield Clause(text=f"{name}: who", saw=_saw(env), needs=needs)
    clauses = rule.when.explain(env, HOLDS) if rule.when is not None else ()
    for clause in clauses:
        yield Clause(text=f"{name}: {clause.text}", saw=clause.saw, needs=clause.needs)
    if not clauses and rule.excuses and rule_outcome(rule, env) is not True:
        yield Clause(text=f"{name}: unless", saw={}, needs="none of its exceptions")
