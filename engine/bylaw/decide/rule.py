"""Whether one rule matches a call: true, false, or in doubt."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from bylaw.decide.truth import both, either, joined
from bylaw.decide.who import caller_holds
from bylaw.model.condition import Condition, Env, Truth, Unresolved
from bylaw.model.policy import Effect, Excuse, Rule

# What comes with a call.
CALL = ("params", "resource")
# These count as matched where nobody can say whether they do: they fail closed.
RESTRICTIVE = frozenset({Effect.DENY, Effect.ASK, Effect.TRANSFORM})


@dataclass(frozen=True, slots=True)
class Doubt:
    """A rule of which nobody can say whether it matches.

    `certain` where whom and when it concerns is known to be true, and only an excuse is not.
    """

    unresolved: Unresolved
    certain: bool


Outcome = bool | Doubt


def rule_outcome(rule: Rule, env: Env) -> Outcome:
    """Say whether a rule matches, before what its effect makes of a doubt."""
    truth: Truth = True
    if rule.who is not None:
        truth = caller_holds(rule.who, env)
        if truth is False:
            return False
    if rule.when is not None:
        held = rule.when.test(env)
        if held is False:
            return False
        if held is not True:
            truth = both(truth, held)
    if rule.excuses:
        return _unless(truth, _excused(rule, env))
    return True if truth is True else Doubt(_unresolved(truth), certain=False)


def listed_outcome(rule: Rule, env: Env) -> Outcome:
    """Say whether a rule matches in a listing, where params that were not sent may still come.

    A condition that reads only what may still come is in doubt without being asked: `has` would
    take it for absent.
    """
    later = unsent(rule.when, env)
    if not later:
        return rule_outcome(rule, env)
    if rule.who is not None and caller_holds(rule.who, env) is False:
        return False
    return Doubt(Unresolved(missing=later), certain=False)


def unsent(condition: Condition | None, env: Env) -> tuple[str, ...]:
    """Return what a condition reads, if nothing of it was sent yet and the call may bring it."""
    fields = _call_fields(condition.reads) if condition is not None else ()
    params = env["params"]
    if any(field in params if field else "resource" in env for _, field in fields):
        return ()
    return tuple([path for path, _ in fields])


@lru_cache(maxsize=4096)
def _call_fields(reads: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """Return each path with its param (none for the resource), or nothing if others are read."""
    parts = {path: path.split(".") for path in sorted(reads)}
    if any(part[0] not in CALL or part == ["params"] for part in parts.values()):
        return ()
    return tuple((path, part[1] if part[0] == "params" else "") for path, part in parts.items())


def counts(rule: Rule, outcome: Outcome) -> bool:
    """Say whether the rule counts as matched.

    In doubt a rule that restricts counts, and one that allows or warns does not; an excuse in
    doubt excuses nobody from a warning either, but it keeps an `allow` from granting.
    """
    if not isinstance(outcome, Doubt):
        return outcome
    return rule.effect in RESTRICTIVE or (outcome.certain and rule.effect is Effect.WARN)


def _unless(truth: Truth, excused: Truth) -> Outcome:
    if excused is True:
        return False
    if truth is True:
        return True if excused is False else Doubt(_unresolved(excused), certain=True)
    doubt = truth if excused is False else joined(truth, excused)
    return Doubt(_unresolved(doubt), certain=False)


def _unresolved(truth: Truth) -> Unresolved:
    return truth if isinstance(truth, Unresolved) else Unresolved()


def _excused(rule: Rule, env: Env) -> Truth:
    truth: Truth = False
    for excuse in rule.excuses:
        truth = either(truth, _excuse_truth(excuse, env))
        if truth is True:
            return True
    return truth


def _excuse_truth(excuse: Excuse, env: Env) -> Truth:
    if excuse.until is not None and _today(env) > excuse.until:
        return False
    truth: Truth = caller_holds(excuse.who, env) if excuse.who is not None else True
    return truth if excuse.when is None else both(truth, excuse.when.test(env))


def _today(env: Env) -> date:
    """Return the day of the decision; without one every excuse with an end has ended."""
    now = env.get("now")
    return now.date() if isinstance(now, datetime) else date.max
