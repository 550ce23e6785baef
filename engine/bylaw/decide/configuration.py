"""Which states are active together: leaves, what is left, and whether a set of them is legal.

A configuration is the active states without the root, in document order.
"""

from collections.abc import Iterable, Sequence

from bylaw.model.workflow import State, StateType, Workflow

Configuration = Sequence[State]


def configuration_of(workflow: Workflow, ids: Iterable[str]) -> list[State]:
    """Return the states with these ids. Raises KeyError where one is not there."""
    by_id, states = workflow.by_id, workflow.states
    return [states[by_id[state_id]] for state_id in ids]


def leaves(active: Configuration) -> list[State]:
    """Return the active states that have no children, in document order."""
    return [state for state in active if not state.children]


def left_below(active: Configuration, domain: State) -> list[State]:
    """Return the active descendants of a state, in document order."""
    above, last = domain.index, domain.last
    return [state for state in active if above < state.index <= last]


def in_order(states: Iterable[State]) -> list[State]:
    """Return states in document order, each once."""
    by_index = {state.index: state for state in states}
    return [by_index[index] for index in sorted(by_index)]


def is_legal(workflow: Workflow, active: Configuration) -> bool:
    """Say whether each active state's parent is active, and each compound one has one child."""
    whole = {0, *(state.index for state in active)}
    states = (workflow.states[0], *active)
    return all(state.parent in whole and _is_complete(state, whole) for state in states)


def _is_complete(state: State, active: set[int]) -> bool:
    if state.type is not StateType.COMPOUND:
        return True
    return len(active.intersection(state.children)) == 1
