"""Why a transition is not taken, in the author's words and with the clauses that decided.

Asked only where that is to be said: explaining costs far more than deciding.
"""

from typing import Any

from bylaw.base.place import Place
from bylaw.base.plain import Plain
from bylaw.decide.advice import advise
from bylaw.decide.transition import may
from bylaw.decide.walk import fill_all, unfilled
from bylaw.model.actor import Who
from bylaw.model.advice import Advice
from bylaw.model.condition import Clause, Condition, Env, Unresolved
from bylaw.model.instance import Reason
from bylaw.model.workflow import Transition

NO_TARGET = "None of the states that this can lead to fits the data."


def why_not(transition: Transition, env: Env) -> Reason:
    """Say what stands against a transition that cannot be taken."""
    return _blocked(transition, env) or _stuck(transition, env)


def _blocked(transition: Transition, env: Env) -> Reason | None:
    who, when, unless = transition.who, transition.when, transition.unless
    if who is not None and not may(who, env):
        advice = advise(transition.instead, env)
        return not_allowed(who, ref=transition.ref, place=transition.place, advice=advice)
    elsewhere = _elsewhere(transition, env)
    if elsewhere is not None:
        return elsewhere
    if when is not None and when.test(env) is not True:
        return _against(transition, when, env, wanted=True)
    if unless is not None and unless.test(env) is not False:
        return _against(transition, unless, env, wanted=False)
    return None


def not_allowed(
    who: Who, *, ref: str, place: Place, what: str = "do", advice: Advice | None = None
) -> Reason:
    """Say who may, to one who may not."""
    words = " or ".join(f"`{word}`" for word in who.words)
    message = f"Only {words} may {what} this."
    return Reason(ref=ref, place=place, message=message, who=who.words, advice=advice)


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


def _stuck(transition: Transition, env: Env) -> Reason:
    """Say what keeps a transition whose guard holds: a value of `set`, or its targets."""
    values = fill_all(transition.sets, env, ref=transition.ref, place=transition.place)
    if isinstance(values, Reason):
        return values
    return _no_choice(transition, {**env, **values}, env)


def _no_choice(transition: Transition, after: dict[str, Any], env: Env) -> Reason:
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
