"""An instance put into a state, for questions that begin in the middle; nothing led it there."""

from datetime import datetime

from bylaw.base.plain import Record
from bylaw.decide.macrostep import refused
from bylaw.decide.walk import begin, plan
from bylaw.decide.workflow import new_timers
from bylaw.model.condition import Env
from bylaw.model.instance import Instance, Moved, StepOutcome
from bylaw.model.workflow import State, StateType, Workflow


def placed(
    workflow: Workflow, state: State, *, scope: str, key: str, data: Record, now: datetime
) -> Instance:
    """Return an instance in a state that was entered just now, with what lies below it.

    `data` has inputs and data; it is what it is: nothing that the state sets is done to it.
    """
    above = [index for index in reversed(state.ancestors) if index]
    active = [workflow.states[index] for index in sorted({*above, *state.entering})]
    return Instance(
        scope=scope,
        id=f"{workflow.name}:{key}",
        workflow=workflow.name,
        key=key,
        definition=workflow.definition,
        states=tuple(one.id for one in active),
        entries={one.id: number for number, one in enumerate(active, 1)},
        entered=len(active),
        data=data,
        version=1,
        closed=state.type is StateType.FINAL and state.parent == 0,
        started_by="",
        started_at=now,
        moved_at=now,
    )


def awaited(workflow: Workflow, instance: Instance, env: Env, now: datetime) -> StepOutcome:
    """Return the timers and calls that the states of such an instance await."""
    walk = begin(workflow, instance, env, now)
    for state in walk.active:
        plan(walk, state.run, state, awaited=True)
    if walk.trouble is not None:
        return refused(walk.trouble)
    timers = new_timers(None, workflow, instance, now)
    return Moved(instance=instance, transitions=(), effects=tuple(walk.effects), timers=timers)
