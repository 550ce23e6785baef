"""Access modes: which are in force for somebody, and what they grant."""

from collections.abc import Iterable
from dataclasses import replace

from bylaw.decide.truth import both
from bylaw.decide.who import who_holds
from bylaw.model.access import AccessMode
from bylaw.model.action import Action
from bylaw.model.actor import Actor
from bylaw.model.condition import Env, Truth
from bylaw.model.snapshot import Snapshot


def modes_in_force(
    snapshot: Snapshot, actor: Actor, env: Env, *, endpoint_mode: str | None = None
) -> tuple[AccessMode, ...]:
    """Return the modes that grant, in the order of their documents.

    On an endpoint with a mode of its own it is that one alone, else every mode whose `who` and
    `when` certainly hold. For an agent that works for somebody each mode is held `within`
    those of that person. A person whom the house does not know binds nobody: the house does
    not load where one of its own actors works for such a person.
    """
    modes = _own_modes(snapshot, actor, env, endpoint_mode)
    person = snapshot.server.actors.get(actor.works_for) if actor.works_for else None
    if person is None:
        return modes
    theirs = {**env, "actor": person.actor.record()}
    bound = _own_modes(snapshot, person.actor, theirs, None)
    return tuple(replace(mode, within=bound) for mode in modes)


def grants(modes: Iterable[AccessMode], action: Action, *, resource: str | None = None) -> bool:
    """Say whether one of the modes grants the action.

    Without a resource the question is whether there is any for which it is granted; whoever
    carries the action out asks again with the one that is meant.
    """
    return any(_grants(mode, action, resource) for mode in modes)


def _own_modes(
    snapshot: Snapshot, actor: Actor, env: Env, endpoint_mode: str | None
) -> tuple[AccessMode, ...]:
    if endpoint_mode is not None:
        mode = snapshot.modes.get(endpoint_mode)
        return () if mode is None else (mode,)
    return tuple([mode for mode in snapshot.modes.values() if _holds(mode, actor, env) is True])


def _holds(mode: AccessMode, actor: Actor, env: Env) -> Truth:
    truth: Truth = who_holds(mode.who, actor, env) if mode.who is not None else True
    if mode.when is None or truth is False:
        return truth
    held = mode.when.test(env)
    return held if truth is True else both(truth, held)


def _grants(mode: AccessMode, action: Action, resource: str | None) -> bool:
    if resource is None:
        allowed = mode.allow.could_select(action.name, action.tags)
    else:
        allowed = mode.allow.selects(action.name, action.tags, resource)
    if not allowed or mode.excepted.selects(action.name, action.tags, resource):
        return False
    return mode.within is None or grants(mode.within, action, resource=resource)
