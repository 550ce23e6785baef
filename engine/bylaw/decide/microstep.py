"""One microstep: leave, act, enter, in the order of SCXML's Appendix D."""

from collections.abc import Iterable, Sequence

from bylaw.decide.configuration import left_below
from bylaw.decide.transition import Taking
from bylaw.decide.walk import Walk, plan, set_all
from bylaw.model.workflow import State, StateType


def microstep(walk: Walk, takings: Sequence[Taking]) -> None:
    """Take transitions that do not conflict, together."""
    leaving = _leaving(walk, takings)
    for index in reversed(leaving):
        _leave(walk, walk.workflow.states[index])
    for taking in takings:
        _act(walk, taking)
    if leaving:
        gone = frozenset(leaving)
        enter_all(walk, [i for i in walk.active if i not in gone], _entering(takings))


def enter_all(walk: Walk, staying: list[int], entering: Iterable[int]) -> None:
    """Enter states in document order, beside those that stay."""
    new = list(entering)
    states = [walk.workflow.states[index] for index in new]
    for state in states:
        walk.entered += 1
        walk.entries[state.id] = walk.entered
    walk.stand(sorted(staying + new))
    for state in states:
        _enter(walk, state)


def _leaving(walk: Walk, takings: Sequence[Taking]) -> list[int]:
    """Return what is left, in document order."""
    domains = {taking.choice.domain for taking in takings if taking.choice is not None}
    found = {i for domain in domains for i in left_below(walk.workflow, walk.active, domain)}
    return sorted(found)


def _entering(takings: Sequence[Taking]) -> list[int]:
    found = {i for taking in takings if taking.choice is not None for i in taking.choice.enters}
    return sorted(found)


def _leave(walk: Walk, state: State) -> None:
    if state.exit_sets:
        set_all(walk, state.exit_sets, ref=f"{walk.workflow.name}/{state.id}", place=state.place)
    plan(walk, state.exit_do, state, awaited=False)
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
    plan(walk, state.enter_do, state, awaited=False)
    if state.type is not StateType.FINAL:
        return
    if state.parent == 0:
        walk.closed = True
    else:
        walk.ended.append(state.parent)
