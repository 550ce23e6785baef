"""Which transitions a trigger sets off: looked for from each leaf outwards, conflicts removed.

This is `selectTransitions` of SCXML's Appendix D. Without parallel states there is one leaf.
"""

from collections.abc import Iterable, Sequence

from bylaw.decide.configuration import Configuration, left_below
from bylaw.decide.reason import why_not
from bylaw.decide.transition import Taking, taking_of
from bylaw.model.condition import Env
from bylaw.model.instance import Reason
from bylaw.model.workflow import Transition, TriggerKind, Workflow

Key = tuple[TriggerKind, str]


def select(workflow: Workflow, active: Configuration, key: Key, *, env: Env) -> Sequence[Taking]:
    """Look outwards from every leaf for a trigger's transitions; keep what can be together."""
    tried = [leaf.candidates.get(key, ()) for leaf in active if not leaf.children]
    if len(tried) == 1:
        return first(tried[0], env)
    # One that several leaves share is taken once.
    found = {one.transition.ref: one for candidates in tried for one in first(candidates, env)}
    return without_conflicts(workflow, active, found.values())


def first(candidates: Iterable[Transition], env: Env) -> Sequence[Taking]:
    """Return the first transition that can be taken, if any can."""
    taking = first_of(candidates, env)
    return () if taking is None else (taking,)


def first_of(candidates: Iterable[Transition], env: Env) -> Taking | None:
    """Return the same by itself."""
    for candidate in candidates:
        taking = taking_of(candidate, env)
        if taking is not None:
            return taking
    return None


def reasons(active: Configuration, key: Key, *, env: Env) -> tuple[Reason, ...]:
    """Return why nothing was selected, each transition once."""
    tried = {one.ref: one for leaf in active for one in leaf.candidates.get(key, ())}
    return tuple(why_not(one, env) for one in tried.values())


def without_conflicts(
    workflow: Workflow, active: Configuration, takings: Iterable[Taking]
) -> list[Taking]:
    """Drop what would leave the same states twice: the inner source wins, then the earlier one.

    This is `removeConflictingTransitions`: a drop of a kept one takes effect only if the one
    that drops it survives all comparisons.
    """
    kept: list[Taking] = []
    for taking in takings:
        rivals = [
            one for one in kept if _exits(workflow, active, one) & _exits(workflow, active, taking)
        ]
        if all(_is_inside(workflow, taking, rival) for rival in rivals):
            kept = [one for one in kept if one not in rivals]
            kept.append(taking)
    return kept


def _exits(workflow: Workflow, active: Configuration, taking: Taking) -> set[int]:
    if taking.choice is None:
        return set()
    domain = workflow.states[taking.choice.domain]
    return {state.index for state in left_below(active, domain)}


def _is_inside(workflow: Workflow, taking: Taking, rival: Taking) -> bool:
    source, outer = taking.transition.source, rival.transition.source
    return outer in workflow.states[source].ancestors
