"""Whether somebody stands on a who list."""

from collections.abc import Mapping

from bylaw.decide.truth import either
from bylaw.model.actor import Actor, Who
from bylaw.model.condition import Env, Truth


def who_holds(who: Who, actor: Actor, env: Env) -> Truth:
    """Say whether an actor stands on a list; a group is asked for the env's own actor."""
    if actor.kind in who.kinds or actor.id in who.ids or not who.roles.isdisjoint(actor.roles):
        return True
    return _in_a_group(who, env) if who.groups else False


def caller_holds(who: Who, env: Env) -> Truth:
    """Say whether the actor of the env stands on a list."""
    actor: Mapping[str, object] = env["actor"]
    if actor["kind"] in who.kinds or actor["id"] in who.ids:
        return True
    if not who.roles.isdisjoint(env["actor"]["roles"]):
        return True
    return _in_a_group(who, env) if who.groups else False


def _in_a_group(who: Who, env: Env) -> Truth:
    truth: Truth = False
    for condition in who.groups.values():
        truth = either(truth, condition.test(env))
        if truth is True:
            return True
    return truth
