"""Which transitions a trigger sets off: looked for from each leaf outwards, conflicts removed.

This is `selectTransitions` of SCXML's Appendix D. Without parallel states there is one leaf.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bylaw.decide.configuration import Configuration, leaves, left_below
from bylaw.decide.transition import Taking, judge
from bylaw.model.condition import Env
from bylaw.model.instance import Reason
from bylaw.model.workflow import Transition, TriggerKind, Workflow

Key = tuple[TriggerKind, str]


class Selected(NamedTuple):
    """The transitions to take, in order, and why others that were tried are not."""

    takings: Sequence[Taking]
    reasons: Sequence[Reason]


def select(workflow: Workflow, active: Configuration, key: Key, *, env: Env) -> Selected:
    """Look outwards from every leaf for a trigger's transitions; keep what can be together."""
    outcomes: dict[str, Taking | Reason] = {}
    takings: list[Taking] = []
    for leaf in leaves(workflow, active):
        taking = _first(leaf.candidates.get(key, ()), env, outcomes)
        if taking is not None and taking not in takings:
            takings.append(taking)
    if len(takings) > 1:
        takings = without_conflicts(workflow, active, takings)
    return Selected(takings, _reasons(outcomes))


def first(candidates: Iterable[Transition], env: Env) -> Selected:
    """Return the first transition that can be taken, and why those before it cannot."""
    outcomes: dict[str, Taking | Reason] = {}
    taking = _first(candidates, env, outcomes)
    return Selected(() if taking is None else (taking,), _reasons(outcomes))


def _first(
    candidates: Iterable[Transition], env: Env, outcomes: dict[str, Taking | Reason]
) -> Taking | None:
    """Each is judged once, however many leaves it is an ancestor's of."""
    for candidate in candidates:
        outcome = outcomes.get(candidate.ref)
        if outcome is None:
            outcome = outcomes[candidate.ref] = judge(candidate, env)
        if isinstance(outcome, Taking):
            return outcome
    return None


def _reasons(outcomes: dict[str, Taking | Reason]) -> list[Reason]:
    return [outcome for outcome in outcomes.values() if isinstance(outcome, Reason)]


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
    return set(left_below(workflow, active, taking.choice.domain))


def _is_inside(workflow: Workflow, taking: Taking, rival: Taking) -> bool:
    source, outer = taking.transition.source, rival.transition.source
    return outer in workflow.states[source].ancestors
