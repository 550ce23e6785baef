"""Whether one transition can be taken now.

An error or something missing in a condition means that it does not hold; `reason` says so.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from bylaw.base.plain import Plain
from bylaw.decide.who import caller_holds
from bylaw.model.actor import Who
from bylaw.model.condition import Env, Unresolved
from bylaw.model.workflow import Choice, Transition


class Taking(NamedTuple):
    """A transition that can be taken: its target, if it has one, and what it sets."""

    transition: Transition
    choice: Choice | None
    values: Mapping[str, Plain]


def unasked(free: Transition) -> Taking:
    """Return how a free transition is taken."""
    return Taking(free, free.to[0] if free.to else None, NO_VALUES)


def taking_of(transition: Transition, env: Env) -> Taking | None:
    """Return how a transition is taken, if it can be; `env` is the data before the step."""
    if not _holds(transition, env):
        return None
    values = _values(transition, env) if transition.sets else NO_VALUES
    if values is None:
        return None
    if not transition.to:
        return Taking(transition, None, values)
    choice = _choice(transition, values, env)
    return None if choice is None else Taking(transition, choice, values)


def _holds(transition: Transition, env: Env) -> bool:
    if transition.who is not None and not may(transition.who, env):
        return False
    if transition.match and not _is_meant(transition, env):
        return False
    if transition.when is not None and transition.when.test(env) is not True:
        return False
    return transition.unless is None or transition.unless.test(env) is False


def may(who: Who, env: Env) -> bool:
    """Say whether the acting one is in a list; a group in error holds nobody."""
    return caller_holds(who, env) is True


def _is_meant(transition: Transition, env: Env) -> bool:
    """Say whether an event is about this instance."""
    return all(name in env and env[name] == v.fill(env) for name, v in transition.match.items())


def _values(transition: Transition, env: Env) -> Mapping[str, Plain] | None:
    values: dict[str, Plain] = {}
    for name, value in transition.sets:
        made = value.fill(env)
        if isinstance(made, Unresolved):
            return None
        values[name] = made
    return values


def _choice(transition: Transition, values: Mapping[str, Plain], env: Env) -> Choice | None:
    """Return the first target that fits the data as it is after `set`."""
    after: dict[str, Any] | None = None
    for choice in transition.to:
        if choice.when is None:
            return choice
        after = after or {**env, **values}
        if choice.when.test(after) is True:
            return choice
    return None


NO_VALUES: Mapping[str, Plain] = {}
