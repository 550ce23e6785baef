"""The step of a machine: pure, total, and the same for the same instance, trigger and `now`.

`when` and `set` see the data before the step, the choices of `to` the data after `set`; `do`,
`run` and whatever is entered see the data as it is by then. Semantics: SCXML, Appendix D.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bylaw.base.plain import Plain
from bylaw.decide.hop import hop
from bylaw.decide.macrostep import refused, settle
from bylaw.decide.microstep import microstep
from bylaw.decide.reason import why_not
from bylaw.decide.selection import Key, first, first_of, reasons, select
from bylaw.decide.transition import Taking, unasked
from bylaw.decide.walk import Walk, begin
from bylaw.model.condition import Env
from bylaw.model.instance import (
    Instance,
    PlannedTimer,
    Reason,
    Refused,
    StepOutcome,
    Trigger,
)
from bylaw.model.workflow import State, Timer, Transition, TriggerKind, Workflow

# What somebody does or reports.
ASKED = frozenset({TriggerKind.ACTION, TriggerKind.EVENT})


def step(
    workflow: Workflow, instance: Instance, trigger: Trigger, env: Env, now: datetime
) -> StepOutcome:
    """Apply a trigger to an instance.

    `env` has the roots (`actor`, `action`, `params`, `workflow`, …); the instance's data and
    active states are added here. The instance must fit the workflow (see `fits`).
    """
    if trigger.kind in ASKED:
        return _asked(workflow, instance, trigger, env, now)
    match trigger.kind:
        case TriggerKind.TIMER:
            return _due(workflow, instance, trigger, env, now)
        case TriggerKind.DONE | TriggerKind.FAILED:
            return _ended(workflow, instance, trigger, env, now)
        case _:
            return not_taken(())


def _asked(
    workflow: Workflow, instance: Instance, trigger: Trigger, env: Env, now: datetime
) -> StepOutcome:
    """Take what somebody does or reports."""
    if instance.closed:
        return not_taken(())
    key = (trigger.kind, trigger.name)
    leaf = workflow.states[workflow.by_id[instance.states[-1]]]
    if leaf.depth == len(instance.states):
        return _alone(workflow, instance, leaf, key, env=env, now=now)
    walk = begin(workflow, instance, env, now)
    takings = select(workflow, walk.active, key, env=walk.seen())
    return take(walk, takings) if takings else not_taken(reasons(walk.active, key, env=walk.env))


def _alone(
    workflow: Workflow,
    instance: Instance,
    leaf: State,
    key: Key,
    *,
    env: Env,
    now: datetime,
) -> StepOutcome:
    """Take what the only leaf tries; nothing is looked at for what can always be taken."""
    candidates = leaf.candidates.get(key, ())
    if candidates and candidates[0].free:
        taking = unasked(candidates[0])
    else:
        seen = {**env, **instance.data, "$states": leaf.active}
        found = first_of(candidates, seen)
        if found is None:
            return not_taken(reasons((leaf,), key, env=seen))
        taking = found
    moved = hop(workflow, instance, leaf, taking, now)
    return take(begin(workflow, instance, env, now), (taking,)) if moved is None else moved


def take(walk: Walk, takings: Sequence[Taking]) -> StepOutcome:
    """Take what was selected, and all that follows by itself."""
    microstep(walk, takings)
    return settle(walk)


def _own(walk: Walk, transitions: Sequence[Transition]) -> StepOutcome:
    """Take the first of a state's own transitions that can be taken."""
    takings = first(transitions, walk.env)
    if not takings:
        return not_taken(tuple(why_not(one, walk.env) for one in transitions))
    return take(walk, takings)


def not_taken(reasons: tuple[Reason, ...]) -> Refused:
    """Refuse with these reasons: whoever may not is told just that."""
    if not reasons:
        return Refused(code="not-in-state", reasons=())
    code = "denied" if all(reason.who for reason in reasons) else "guard"
    return Refused(code=code, reasons=reasons)


def _due(
    workflow: Workflow, instance: Instance, trigger: Trigger, env: Env, now: datetime
) -> StepOutcome:
    """Take a timer of an entry that is not over."""
    state = _entered(workflow, instance, trigger)
    timer = _named(state.timers, trigger.name) if state is not None else None
    if state is None or timer is None:
        return _late(workflow, trigger)
    if timer.run:
        over = replace(trigger, kind=TriggerKind.FAILED, name=timer.run, params=TIMED_OUT)
        return _ended(workflow, instance, over, env, now)
    walk = begin(workflow, instance, env, now)
    outcome = _own(walk, state.transitions.get((TriggerKind.TIMER, timer.name), ()))
    return _going_on(outcome, timer, state, trigger, now) if timer.repeats else outcome


def _going_on(
    outcome: StepOutcome, timer: Timer, state: State, trigger: Trigger, now: datetime
) -> StepOutcome:
    """Set a repeating timer again, unless its entry is over."""
    again = PlannedTimer(
        name=timer.name,
        state=state.id,
        entry=trigger.entry,
        due_at=next_due(trigger.due_at or now, timer.delay_s, now=now),
    )
    if isinstance(outcome, Refused):
        return replace(outcome, timers=(again,))
    if outcome.instance.entries.get(state.id) != trigger.entry:
        return outcome
    return replace(outcome, timers=(*outcome.timers, again))


def next_due(due_at: datetime, delay_s: float, *, now: datetime) -> datetime:
    """Return the next deadline in the rhythm of the first; those slept through are not made up."""
    delay = timedelta(seconds=delay_s)
    missed = max(0, (now - due_at) // delay)
    return due_at + delay * (missed + 1)


def _ended(
    workflow: Workflow, instance: Instance, trigger: Trigger, env: Env, now: datetime
) -> StepOutcome:
    """Take the end of a run. Of several the first failure counts, or the last that is done."""
    state = _entered(workflow, instance, trigger)
    mark = f"{trigger.entry}/{trigger.name}"
    runs = {call.name for call in state.run} if state is not None else set()
    if state is None or trigger.name not in runs or mark in instance.finished:
        return _late(workflow, trigger)
    walk = begin(workflow, instance, env, now)
    if trigger.kind is TriggerKind.FAILED:
        message = str(trigger.params.get("message", ""))
        walk.env["error"] = {"name": trigger.name, "message": message}
    elif len(runs) == 1:
        walk.env["result"] = trigger.params.get("result")
    else:
        return _one_of_several(walk, state, trigger, runs)
    return _own(walk, state.transitions.get((trigger.kind, ""), ()))


def _one_of_several(walk: Walk, state: State, trigger: Trigger, runs: set[str]) -> StepOutcome:
    """Keep the result of a run, and go on when it was the last of its state."""
    finished = {**walk.instance.finished}
    finished[f"{trigger.entry}/{trigger.name}"] = trigger.params.get("result")
    walk.instance = replace(walk.instance, finished=finished)
    results = {name: finished.get(f"{trigger.entry}/{name}") for name in runs}
    if any(f"{trigger.entry}/{name}" not in finished for name in runs):
        return settle(walk)
    walk.env["result"] = results
    return _own(walk, state.transitions.get((TriggerKind.DONE, ""), ()))


def _entered(workflow: Workflow, instance: Instance, trigger: Trigger) -> State | None:
    """Return the state that a timer or a run belongs to, if that entry is not over."""
    if instance.closed or instance.entries.get(trigger.state) != trigger.entry:
        return None
    index = workflow.by_id.get(trigger.state)
    return None if index is None else workflow.states[index]


def _named(timers: Sequence[Timer], name: str) -> Timer | None:
    return next((timer for timer in timers if timer.name == name), None)


def _late(workflow: Workflow, trigger: Trigger) -> Refused:
    reason = Reason(
        ref=f"{workflow.name}/{trigger.state}",
        place=workflow.place,
        message=f"`{trigger.name}` came after `{trigger.state}` was left.",
    )
    return refused(reason, code="late")


TIMED_OUT: dict[str, Plain] = {"message": "timed out"}
