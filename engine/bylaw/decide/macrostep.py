"""A macrostep: microsteps until nothing more follows, then the outcome as a value."""

from collections.abc import Mapping, Sequence

from bylaw.base.plain import Plain
from bylaw.decide.microstep import microstep
from bylaw.decide.selection import first, select
from bylaw.decide.transition import Taking
from bylaw.decide.walk import Walk, plan, planned_timer
from bylaw.model.instance import Instance, Moved, PlannedTimer, Reason, Refused
from bylaw.model.shape import Mismatch
from bylaw.model.workflow import State, TriggerKind

ALWAYS = (TriggerKind.ALWAYS, "")
DONE = (TriggerKind.DONE, "")
MOST_MICROSTEPS = 100
NOTHING_CHANGED: Mapping[str, Plain] = {}


def settle(walk: Walk) -> Moved | Refused:
    """Follow `always` and the ends of compound states until there is nothing, then conclude."""
    for _ in range(MOST_MICROSTEPS):
        if walk.trouble is not None or walk.closed:
            return _concluded(walk)
        takings = _eventless(walk) or _ended(walk)
        if not takings:
            return _concluded(walk)
        microstep(walk, takings)
    return refused(_endless(walk))


def refused(reason: Reason, *, code: str = "guard") -> Refused:
    """Return a refusal with one reason."""
    return Refused(code=code, reasons=(reason,))


def _eventless(walk: Walk) -> Sequence[Taking]:
    for state in walk.active:
        if ALWAYS in state.candidates:
            return select(walk.workflow, walk.active, ALWAYS, env=walk.seen())
    return ()


def _ended(walk: Walk) -> Sequence[Taking]:
    """Return what follows from the next compound state whose final child was entered."""
    while walk.ended:
        state = walk.ended.pop(0)
        if state.id in walk.entries:
            takings = first(state.transitions.get(DONE, ()), walk.seen())
            if takings:
                return takings
    return ()


def _endless(walk: Walk) -> Reason:
    circle = list(dict.fromkeys(reversed(walk.refs[-MOST_MICROSTEPS // 2 :])))
    names = " → ".join(f"`{ref}`" for ref in reversed(circle))
    return Reason(
        ref=walk.refs[-1],
        place=walk.workflow.place,
        message=f"This goes in a circle without end: {names}.",
    )


def _concluded(walk: Walk) -> Moved | Refused:
    fresh = _fresh(walk)
    for state in fresh:
        if state.run:
            plan(walk, state.run, state, awaited=True)
    trouble = walk.trouble or (_misfit(walk) if walk.wrote else None)
    if trouble is not None:
        return refused(trouble)
    timers = tuple([timer for state in fresh if state.timers for timer in _timers(walk, state)])
    return Moved(
        instance=_moved(walk),
        transitions=tuple(walk.refs),
        effects=tuple(walk.effects),
        timers=timers,
        left=_left(walk),
        changed=_changed(walk) if walk.wrote else NOTHING_CHANGED,
    )


def _fresh(walk: Walk) -> list[State]:
    """Return the active states that this step has entered."""
    before = walk.instance.entered
    return [state for state in walk.active if walk.entries[state.id] > before]


def _timers(walk: Walk, state: State) -> list[PlannedTimer]:
    entry = walk.entries[state.id]
    return [planned_timer(one, state, entry=entry, start=walk.now) for one in state.timers]


def _changed(walk: Walk) -> Mapping[str, Plain]:
    before = walk.instance.data
    return {
        name: value
        for name, value in walk.data.items()
        if name not in before or before[name] != value
    }


def _misfit(walk: Walk) -> Reason | None:
    """Say which data does not fit its schema after the step."""
    wrong = walk.workflow.record.check(walk.data)
    if not wrong:
        return None
    return Reason(
        ref=walk.refs[-1],
        place=walk.workflow.place,
        message=" ".join(_said(mismatch) for mismatch in wrong),
    )


def _said(mismatch: Mismatch) -> str:
    return f"The data would not fit: {mismatch.message}."


def _left(walk: Walk) -> tuple[tuple[str, int], ...]:
    entries = walk.entries
    before = walk.instance.entries
    return tuple([pair for pair in before.items() if entries.get(pair[0]) != pair[1]])


def _moved(walk: Walk) -> Instance:
    before = walk.instance
    return Instance(
        scope=before.scope,
        id=before.id,
        workflow=before.workflow,
        key=before.key,
        definition=before.definition,
        states=tuple([state.id for state in walk.active]),
        entries=walk.entries,
        entered=walk.entered,
        data=walk.data,
        version=before.version + 1,
        closed=walk.closed,
        started_by=before.started_by,
        started_at=before.started_at,
        moved_at=walk.now,
        finished=_finished(walk) if before.finished else before.finished,
    )


def _finished(walk: Walk) -> Mapping[str, Plain]:
    """Keep the results of runs whose states are still in the same entry."""
    alive = {str(entry) for entry in walk.entries.values()}
    return {k: v for k, v in walk.instance.finished.items() if k.partition("/")[0] in alive}
