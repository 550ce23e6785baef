"""The beginning of an instance: who may, what it starts with, and where it goes at once."""

from collections.abc import Mapping
from datetime import datetime

from bylaw.base.plain import Plain, Record
from bylaw.decide.macrostep import refused, settle
from bylaw.decide.microstep import enter_all
from bylaw.decide.reason import guard_reason, not_allowed
from bylaw.decide.transition import may
from bylaw.decide.walk import Walk, begin, fill_all, plan
from bylaw.model.condition import Env
from bylaw.model.instance import Instance, Reason, StepOutcome
from bylaw.model.workflow import StartEvent, Workflow


def start(
    workflow: Workflow,
    *,
    scope: str,
    instance_id: str,
    key: str,
    inputs: Record,
    env: Env,
    now: datetime,
    event: str | None = None,
) -> StepOutcome:
    """Begin an instance at version 1, or say why not.

    Of an event, `inputs` are those of `start_inputs`, which may have data among them; its own
    `when` stands in the place of the `who` and `when` of `start`.
    """
    seed = {**workflow.record.defaults, **inputs}
    empty = _empty(workflow, scope, instance_id, key, env=env, now=now)
    record = {"name": workflow.name, "id": instance_id, "key": key}
    walk = begin(workflow, empty, {**env, **seed, "workflow": record}, now)
    walk.write(seed)
    walk.refs.append(ref_of(workflow))
    started = start_event(workflow, event)
    against = (
        against_start(workflow, walk.env) if started is None else _unmet(started, workflow, env)
    )
    if against is not None:
        return refused(against, code="denied" if against.who else "guard")
    return _begun(walk, workflow, given=inputs if started is not None else {})


def ref_of(workflow: Workflow) -> str:
    """Return the ref of a start, as answers and history name it."""
    return f"{workflow.name}/start"


def start_event(workflow: Workflow, event: str | None) -> StartEvent | None:
    """Return what an event starts, if it starts any."""
    return next((one for one in workflow.start.events if one.event == event), None)


def start_inputs(workflow: Workflow, event: str, env: Env) -> dict[str, Plain] | Reason:
    """Return what an event gives the instance that it starts; its `when` is looked at too."""
    started = start_event(workflow, event)
    if started is None:
        message = f"`{event}` starts no `{workflow.name}`."
        return Reason(ref=ref_of(workflow), place=workflow.place, message=message)
    against = _unmet(started, workflow, env)
    if against is not None:
        return against
    given = fill_all(started.sets, env, ref=ref_of(workflow), place=started.place)
    return given if isinstance(given, Reason) else {**workflow.inputs.defaults, **given}


def _empty(
    workflow: Workflow, scope: str, instance_id: str, key: str, *, env: Env, now: datetime
) -> Instance:
    return Instance(
        scope=scope,
        id=instance_id,
        workflow=workflow.name,
        key=key,
        definition=workflow.definition,
        states=(),
        entries={},
        entered=0,
        data={},
        version=0,
        closed=False,
        started_by=str(env["actor"]["id"]),
        started_at=now,
        moved_at=now,
    )


def against_start(workflow: Workflow, env: Env) -> Reason | None:
    """Say what stands against a start that somebody asks for."""
    begins = workflow.start
    if begins.who is not None and not may(begins.who, env):
        return not_allowed(begins.who, ref=ref_of(workflow), place=begins.place, what="start")
    if begins.when is None or begins.when.test(env) is True:
        return None
    said = begins.message.say(env) if begins.message is not None else ""
    return guard_reason(begins.when, env, ref=ref_of(workflow), wanted=True, said=said)


def _unmet(started: StartEvent, workflow: Workflow, env: Env) -> Reason | None:
    if started.when is None or started.when.test(env) is True:
        return None
    return guard_reason(started.when, env, ref=ref_of(workflow), wanted=True)


def _begun(walk: Walk, workflow: Workflow, *, given: Mapping[str, Plain]) -> StepOutcome:
    begins = workflow.start
    values = fill_all(begins.sets, walk.env, ref=ref_of(workflow), place=begins.place)
    if isinstance(values, Reason):
        return refused(values)
    walk.write({**values, **given})
    plan(walk, begins.do, workflow.states[0], awaited=False)
    enter_all(walk, [workflow.states[index] for index in workflow.states[0].entering[1:]])
    return settle(walk)
