"""Which states are active together: leaves, what is left, and whether a set of them is legal.

A configuration is the active states without the root, by number, in document order.
"""

from collections.abc import Iterable, Sequence

from bylaw.model.workflow import State, StateType, Workflow

Configuration = Sequence[int]


def configuration_of(workflow: Workflow, ids: Iterable[str]) -> list[int]:
    """Return the numbers of active states. Raises KeyError where a state is not there."""
    by_id = workflow.by_id
    return [by_id[state_id] for state_id in ids]


def leaves(workflow: Workflow, active: Configuration) -> list[State]:
    """Return the active states that have no children, in document order."""
    states = workflow.states
    return [state for state in (states[index] for index in active) if not state.children]


def left_below(workflow: Workflow, active: Configuration, domain: int) -> list[int]:
    """Return the active descendants of a state, in document order."""
    last = workflow.states[domain].last
    return [index for index in active if domain < index <= last]


def is_legal(workflow: Workflow, active: Configuration) -> bool:
    """Say whether each active state's parent is active, and each compound one has one child."""
    whole = {0, *active}
    states = [workflow.states[index] for index in whole]
    return all(state.parent in whole and _is_complete(state, whole) for state in states)


def _is_complete(state: State, active: set[int]) -> bool:
    if state.type is not StateType.COMPOUND:
        return True
    return len(active.intersection(state.children)) == 1
