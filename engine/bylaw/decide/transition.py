"""Whether one transition can be taken now, and if not, why.

An error or something missing in a condition means that it does not hold, and is reported.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from bylaw.base.plain import Plain
from bylaw.decide.advice import advise
from bylaw.decide.walk import fill_all, unfilled
from bylaw.decide.who import caller_holds
from bylaw.model.actor import Who
from bylaw.model.advice import Advice
from bylaw.model.condition import Clause, Condition, Env, Unresolved
from bylaw.model.instance import Reason
from bylaw.model.workflow import Choice, Transition


class Taking(NamedTuple):
    """A transition that can be taken: its target, if it has one, and what it sets."""

    transition: Transition
    choice: Choice | None
    values: Mapping[str, Plain]


def judge(transition: Transition, env: Env) -> Taking | Reason:
    """Decide on one transition; `env` is the data before the step."""
    return blocked(transition, env) or _taking(transition, env)


def blocked(transition: Transition, env: Env) -> Reason | None:
    """Say what stands against a transition, its targets left aside."""
    if transition.who is not None and not may(transition.who, env):
        return not_allowed(transition, transition.who)
    if transition.match:
        elsewhere = _elsewhere(transition, env)
        if elsewhere is not None:
            return elsewhere
    if transition.when is not None and transition.when.test(env) is not True:
        return _against(transition, transition.when, env, wanted=True)
    if transition.unless is not None and transition.unless.test(env) is not False:
        return _against(transition, transition.unless, env, wanted=False)
    return None


def may(who: Who, env: Env) -> bool:
    """Say whether the acting one is in a list; a group in error holds nobody."""
    return caller_holds(who, env) is True


def not_allowed(transition: Transition, who: Who) -> Reason:
    """Say who may, to one who may not."""
    return Reason(
        ref=transition.ref,
        place=transition.place,
        message=f"Only {' or '.join(f'`{word}`' for word in who.words)} may do this.",
        who=who.words,
    )


def _against(transition: Transition, condition: Condition, env: Env, *, wanted: bool) -> Reason:
    return guard_reason(
        condition,
        env,
        ref=transition.ref,
        wanted=wanted,
        said=transition.message.say(env) if transition.message is not None else "",
        advice=advise(transition.instead, env),
    )


def guard_reason(
    condition: Condition,
    env: Env,
    *,
    ref: str,
    wanted: bool,
    said: str = "",
    advice: Advice | None = None,
) -> Reason:
    """Say that a condition is not what is wanted, and which of its clauses keep it from that."""
    truth = condition.test(env)
    unresolved = truth if isinstance(truth, Unresolved) else Unresolved()
    return Reason(
        ref=ref,
        place=condition.place,
        message=said or unmet(condition, wanted=wanted),
        clauses=condition.explain(env, wanted),
        missing=unresolved.missing,
        errors=unresolved.errors,
        advice=advice,
    )


def unmet(condition: Condition, *, wanted: bool) -> str:
    """Say in the author's own words what a condition wants."""
    return f"This needs `{condition.text}`." if wanted else f"Not while `{condition.text}`."


def _elsewhere(transition: Transition, env: Env) -> Reason | None:
    """Say that an event is about another instance, or that it does not say about which."""
    for name, value in transition.match.items():
        wanted = value.fill(env)
        if isinstance(wanted, Unresolved):
            return unfilled(name, wanted, ref=transition.ref, place=value.place)
        if env.get(name) != wanted:
            return _other(transition, name, env=env, wanted=wanted)
    return None


def _other(transition: Transition, name: str, *, env: Env, wanted: Plain) -> Reason:
    clause = Clause(text=name, saw={name: env.get(name)}, needs=f"{name} is what the event says")
    message = f"This is about another `{name}`: `{str(wanted)[:80]}`."
    return Reason(ref=transition.ref, place=transition.place, message=message, clauses=(clause,))


def _taking(transition: Transition, env: Env) -> Taking | Reason:
    values: Mapping[str, Plain] = NO_VALUES
    if transition.sets:
        filled = fill_all(transition.sets, env, ref=transition.ref, place=transition.place)
        if isinstance(filled, Reason):
            return filled
        values = filled
    if not transition.to:
        return Taking(transition, None, values)
    return _choice(transition, values, env)


def _choice(transition: Transition, values: Mapping[str, Plain], env: Env) -> Taking | Reason:
    """Take the first target that fits the data as it is after `set`."""
    after: dict[str, Any] | None = None
    for choice in transition.to:
        if choice.when is None:
            return Taking(transition, choice, values)
        after = after or {**env, **values}
        if choice.when.test(after) is True:
            return Taking(transition, choice, values)
    return _no_choice(transition, after or env, env)


def _no_choice(transition: Transition, after: Env, env: Env) -> Reason:
    """Say that no target fits; each tells what keeps it from that."""
    conditions = [choice.when for choice in transition.to if choice.when is not None]
    found = [guard_reason(one, after, ref=transition.ref, wanted=True) for one in conditions]
    return Reason(
        ref=transition.ref,
        place=transition.place,
        message=transition.message.say(env) if transition.message is not None else NO_TARGET,
        clauses=tuple(clause for one in found for clause in one.clauses),
        missing=tuple(name for one in found for name in one.missing),
        errors=tuple(error for one in found for error in one.errors),
        advice=advise(transition.instead, env),
    )


NO_VALUES: Mapping[str, Plain] = {}
NO_TARGET = "None of the states that this can lead to fits the data."
