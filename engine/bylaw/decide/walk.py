"""What a step has made so far; it lives as long as the step and is seen by nobody else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bylaw.base.place import Place
from bylaw.base.plain import Plain
from bylaw.decide.configuration import configuration_of
from bylaw.model.action import Call
from bylaw.model.condition import Env, Unresolved, Value
from bylaw.model.instance import Instance, PlannedEffect, PlannedTimer, Reason
from bylaw.model.workflow import State, Timer, Workflow


@dataclass(slots=True)
class Walk:
    """A step under way. `trouble` is the first thing that keeps it from being taken.

    `ended` are the compound states whose final child was entered, until they are looked at.
    """

    workflow: Workflow
    instance: Instance
    now: datetime
    env: dict[str, Any]
    active: list[State]
    entries: dict[str, int]
    entered: int
    data: dict[str, Plain]
    refs: list[str] = field(default_factory=list)
    effects: list[PlannedEffect] = field(default_factory=list)
    ended: list[State] = field(default_factory=list)
    wrote: bool = False
    closed: bool = False
    trouble: Reason | None = None

    def write(self, values: Mapping[str, Plain]) -> None:
        """Set data, for whatever looks at it from now on."""
        self.wrote = True
        self.data.update(values)
        self.env.update(values)

    def seen(self) -> dict[str, Any]:
        """Return what conditions and values see by now."""
        self.env["$states"] = frozenset([state.id for state in self.active])
        return self.env


def seen_by(instance: Instance, env: Env) -> dict[str, Any]:
    """Return what conditions see: the roots, the instance's data, and its active states."""
    return {**env, **instance.data, "$states": frozenset(instance.states)}


def begin(workflow: Workflow, instance: Instance, env: Env, now: datetime) -> Walk:
    """Start from where an instance stands; `env` gets its data and the active states."""
    return Walk(
        workflow,
        instance,
        now,
        seen_by(instance, env),
        configuration_of(workflow, instance.states),
        dict(instance.entries),
        instance.entered,
        dict(instance.data),
    )


def fill_all(
    values: Iterable[tuple[str, Value]], env: Env, *, ref: str, place: Place
) -> dict[str, Plain] | Reason:
    """Return the values by name, or the first that cannot be made."""
    filled: dict[str, Plain] = {}
    for name, value in values:
        made = value.fill(env)
        if isinstance(made, Unresolved):
            return unfilled(name, made, ref=ref, place=place)
        filled[name] = made
    return filled


def unfilled(name: str, why: Unresolved, *, ref: str, place: Place) -> Reason:
    """Say that a value cannot be made, and of what it would be."""
    unknown = ", ".join(f"`{missing}`" for missing in why.missing)
    cause = f"{unknown} is not known" if unknown else "; ".join(why.errors)
    message = f"`{name}` has no value: {cause}"
    return Reason(ref=ref, place=place, message=message, missing=why.missing, errors=why.errors)


def set_all(walk: Walk, values: Iterable[tuple[str, Value]], *, ref: str, place: Place) -> None:
    """Write what a state says on entry or exit; all of it sees the data before."""
    filled = fill_all(values, walk.seen(), ref=ref, place=place)
    if isinstance(filled, Reason):
        walk.trouble = walk.trouble or filled
    else:
        walk.write(filled)


def plan(walk: Walk, calls: Iterable[Call], state: State, *, awaited: bool) -> None:
    """Note calls that follow from the step, with their params as they are now."""
    for call in calls:
        params = fill_all(call.params.items(), walk.seen(), ref=call.action, place=call.place)
        if isinstance(params, Reason):
            walk.trouble = walk.trouble or params
            continue
        walk.effects.append(_effect(walk, call, state, params=params, awaited=awaited))


def _effect(
    walk: Walk, call: Call, state: State, *, params: dict[str, Plain], awaited: bool
) -> PlannedEffect:
    return PlannedEffect(
        awaited=awaited,
        action=call.action,
        name=call.name,
        params=params,
        state=state.id,
        entry=walk.entries.get(state.id, 0),
        retry=call.retry,
        timeout_s=call.timeout_s,
    )


def planned_timer(timer: Timer, state: State, *, entry: int, start: datetime) -> PlannedTimer:
    """Return a timer as a deadline, from when it starts."""
    due_at = start + timedelta(seconds=timer.delay_s)
    return PlannedTimer(name=timer.name, state=state.id, entry=entry, due_at=due_at)
