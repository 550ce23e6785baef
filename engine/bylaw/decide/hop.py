"""The commonest step without the machinery: from leaf to leaf where nothing is attached to either.

It gives just what the general step gives, or nothing where that has to be asked; a property
test holds the two equal. Where it leads was written down at load.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bylaw.base.draft import draft_of
from bylaw.base.plain import Plain
from bylaw.decide.transition import Taking
from bylaw.model.instance import Instance, Moved
from bylaw.model.workflow import Choice, State, Workflow

NOTHING: Mapping[str, Plain] = {}
INSTANCE, MOVED = draft_of(Instance), draft_of(Moved)
new = object.__new__


def hop(
    workflow: Workflow, instance: Instance, leaf: State, taking: Taking, now: datetime
) -> Moved | None:
    """Take a transition of the only leaf, if nothing else follows from it.

    It sends nothing, and only quiet states are left and entered.
    """
    transition, choice, values = taking
    if transition.do or instance.finished or not leaf.quiet:
        return None
    if choice is not None and (not choice.quiet or choice.depth < leaf.quiet_from):
        return None
    data, changed = instance.data, NOTHING
    if values:
        data = {**data, **values}
        if workflow.record.check(data):
            return None
        changed = _changed(instance.data, values)
    after = _after(instance, choice, data, now)
    left = () if choice is None else _left(instance, choice.depth)
    return _moved(after, (transition.ref,), left, changed)


def _left(instance: Instance, depth: int) -> tuple[tuple[str, int], ...]:
    """Return the entries of the states below a depth."""
    entries = instance.entries
    if depth == 0:
        return tuple(entries.items())
    return tuple([(name, entries[name]) for name in instance.states[depth:]])


def _changed(before: Mapping[str, Plain], values: Mapping[str, Plain]) -> Mapping[str, Plain]:
    return {n: v for n, v in values.items() if n not in before or before[n] != v}


def _after(
    before: Instance, choice: Choice | None, data: Mapping[str, Plain], now: datetime
) -> Instance:
    states, entries, entered = before.states, before.entries, before.entered
    if choice is not None:
        states = choice.states
        kept = choice.depth
        entries = {name: entries[name] for name in states[:kept]} if kept else {}
        for name in choice.names:
            entered += 1
            entries[name] = entered
    return _instance(before, states, entries, entered, data=data, now=now)


def _instance(
    before: Instance,
    states: tuple[str, ...],
    entries: Mapping[str, int],
    entered: int,
    *,
    data: Mapping[str, Plain],
    now: datetime,
) -> Instance:
    made: Any = new(INSTANCE)
    made.scope, made.id, made.workflow = before.scope, before.id, before.workflow
    made.key, made.definition, made.closed = before.key, before.definition, before.closed
    made.started_by, made.started_at = before.started_by, before.started_at
    made.finished = before.finished
    made.states, made.entries, made.entered = states, entries, entered
    made.data, made.version, made.moved_at = data, before.version + 1, now
    made.__class__ = Instance
    instance: Instance = made
    return instance


def _moved(
    instance: Instance,
    refs: tuple[str, ...],
    left: tuple[tuple[str, int], ...],
    changed: Mapping[str, Plain],
) -> Moved:
    made: Any = new(MOVED)
    made.instance, made.transitions = instance, refs
    made.effects, made.timers = (), ()
    made.left, made.changed = left, changed
    made.__class__ = Moved
    moved: Moved = made
    return moved
