"""Access modes: which are in force for somebody, and what they grant."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bylaw.decide.truth import both
from bylaw.decide.who import who_holds
from bylaw.model.access import AccessMode
from bylaw.model.action import Action
from bylaw.model.actor import Actor
from bylaw.model.condition import Env, Truth, Unresolved
from bylaw.model.snapshot import Snapshot

IN_A_GROUP = Unresolved()
# The modes that somebody may have, and whether no condition stands before them.
Held = tuple[tuple[AccessMode, bool], ...]
# Those of the actors that called last, each with the modes of the snapshot that it is of.
_kept: dict[Actor, tuple[Mapping[str, AccessMode], Held]] = {}
REMEMBERED = 256


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
    return tuple(
        [
            mode
            for mode, is_certain in _for_somebody(snapshot, actor)
            if is_certain or _holds(mode, actor, env) is True
        ]
    )


def _for_somebody(snapshot: Snapshot, actor: Actor) -> Held:
    """Return the modes that an actor may have at all, and whether it has them in any case.

    Kinds, ids and roles stay the same from call to call; groups and conditions do not.
    """
    kept = _kept.get(actor)
    if kept is not None and kept[0] is snapshot.modes:
        return kept[1]
    if len(_kept) >= REMEMBERED:
        _kept.clear()
    every = ((mode, _whom(mode, actor)) for mode in snapshot.modes.values())
    found = tuple((mode, truth is True and mode.when is None) for mode, truth in every if truth)
    _kept[actor] = snapshot.modes, found
    return found


def _whom(mode: AccessMode, actor: Actor) -> Truth:
    """Say whether a mode is for an actor; where groups decide, nobody knows before the call."""
    who = mode.who
    if who is None or who_holds(replace(who, groups={}), actor, {}) is True:
        return True
    return IN_A_GROUP if who.groups else False


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
