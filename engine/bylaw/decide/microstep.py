"""One microstep: leave, act, enter, in the order of SCXML's Appendix D."""

from collections.abc import Sequence

from bylaw.decide.configuration import in_order, left_below
from bylaw.decide.transition import Taking
from bylaw.decide.walk import Walk, plan, set_all
from bylaw.model.workflow import State, StateType


def microstep(walk: Walk, takings: Sequence[Taking]) -> None:
    """Take transitions that do not conflict, together."""
    leaving = _leaving(walk, takings)
    for state in reversed(leaving):
        _leave(walk, state)
    for taking in takings:
        _act(walk, taking)
    if leaving:
        enter_all(walk, _entering(walk, takings))


def enter_all(walk: Walk, entering: list[State]) -> None:
    """Enter states in document order, beside those that were not left."""
    for state in entering:
        walk.entered += 1
        walk.entries[state.id] = walk.entered
    walk.active = in_order((*walk.active, *entering))
    for state in entering:
        _enter(walk, state)


def _leaving(walk: Walk, takings: Sequence[Taking]) -> list[State]:
    """Return what is left, in document order."""
    states = walk.workflow.states
    found: list[State] = []
    for taking in takings:
        if taking.choice is not None:
            found += left_below(walk.active, states[taking.choice.domain])
    return found if len(takings) == 1 else in_order(found)


def _entering(walk: Walk, takings: Sequence[Taking]) -> list[State]:
    states = walk.workflow.states
    found = [states[i] for one in takings if one.choice is not None for i in one.choice.enters]
    return found if len(takings) == 1 else in_order(found)


def _leave(walk: Walk, state: State) -> None:
    if state.exit_sets:
        set_all(walk, state.exit_sets, ref=f"{walk.workflow.name}/{state.id}", place=state.place)
    if state.exit_do:
        plan(walk, state.exit_do, state, awaited=False)
    walk.active = [one for one in walk.active if one is not state]
    del walk.entries[state.id]


def _act(walk: Walk, taking: Taking) -> None:
    """Write what the transition sets, then send what it sends, which sees the new data."""
    transition = taking.transition
    walk.refs.append(transition.ref)
    if taking.values:
        walk.write(taking.values)
    if transition.do:
        plan(walk, transition.do, walk.workflow.states[transition.source], awaited=False)


def _enter(walk: Walk, state: State) -> None:
    if state.enter_sets:
        set_all(walk, state.enter_sets, ref=f"{walk.workflow.name}/{state.id}", place=state.place)
    if state.enter_do:
        plan(walk, state.enter_do, state, awaited=False)
    if state.type is not StateType.FINAL:
        return
    if state.parent == 0:
        walk.closed = True
    else:
        walk.ended.append(walk.workflow.states[state.parent])
