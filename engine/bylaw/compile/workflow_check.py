"""What can be proved of a workflow's structure: nothing is out of reach, shadowed or a trap."""

from collections.abc import Iterable, Iterator, Mapping

from bylaw.base.names import folded
from bylaw.base.problem import Problem
from bylaw.model.workflow import Choice, State, StateType, Transition, TriggerKind, Workflow

ALWAYS = (TriggerKind.ALWAYS, "")
DONE = (TriggerKind.DONE, "")
OUTWARDS = (TriggerKind.ACTION, TriggerKind.EVENT, TriggerKind.ALWAYS)


def structure_problems(workflow: Workflow) -> Iterator[Problem]:
    """Give everything that is wrong with how sound states hang together."""
    reached = reachable(workflow)
    yield from _unreachable(workflow, reached)
    yield from _dead_ends(workflow, reached)
    yield from _never_taken(workflow, reached)
    yield from _circles(workflow, reached)
    yield from _action_problems(workflow)


def reachable(workflow: Workflow) -> frozenset[int]:
    """Return the states that can be entered, whatever the guards say; the root is one."""
    todo, reached = list(workflow.states[0].entering), set[int]()
    while todo:
        index = todo.pop()
        if index not in reached:
            reached.add(index)
            todo += [to for choice in choices(workflow.states[index]) for to in choice.enters]
    return frozenset(reached)


def choices(state: State) -> Iterator[Choice]:
    """Give every target of a state's own transitions."""
    for transitions in state.transitions.values():
        for transition in transitions:
            yield from transition.to


def _unreachable(workflow: Workflow, reached: frozenset[int]) -> Iterator[Problem]:
    for state in workflow.states:
        if state.index not in reached and state.parent in reached:
            message = f"`{state.id}` is never entered"
            hint = "lead to it with `to`, make it an `initial` state, or take it out"
            yield Problem(state.place, "unreachable", message, hint)


def _dead_ends(workflow: Workflow, reached: frozenset[int]) -> Iterator[Problem]:
    found = [state for state in workflow.states if not state.children and state.index in reached]
    finals = {state.index for state in found if is_last(state)}
    alive = (
        _leading_to(workflow, found, finals)
        if finals
        else {s.index for s in found if _moves(workflow, s)}
    )
    for state in found:
        if state.index not in alive:
            stuck = not any(True for _ in _way_out(workflow, state))
            message = (
                f"nothing leads out of `{state.id}`"
                if stuck
                else f"from `{state.id}` no final state can be reached"
            )
            hint = "make it `type: final`, or lead on with `to`"
            yield Problem(state.place, "dead-end", message, hint)


def is_last(state: State) -> bool:
    """Say whether entering a state ends the instance."""
    return state.type is StateType.FINAL and state.parent == 0


def _way_out(workflow: Workflow, leaf: State) -> Iterator[Choice]:
    """Give every target that can be taken while a leaf is active."""
    for index in (leaf.index, *leaf.ancestors):
        yield from choices(workflow.states[index])


def _moves(workflow: Workflow, leaf: State) -> bool:
    """Say whether anything at all can happen while a leaf is active."""
    around = (workflow.states[index] for index in (leaf.index, *leaf.ancestors))
    return any(state.transitions for state in around)


def _leading_to(workflow: Workflow, leaves: Iterable[State], finals: set[int]) -> set[int]:
    """Return the leaves from which one of the final ones can be reached."""
    onward = {
        leaf.index: {choice.enters[-1] for choice in _way_out(workflow, leaf)} for leaf in leaves
    }
    found, grown = set(finals), True
    while grown:
        more = {leaf for leaf, to in onward.items() if leaf not in found and to & found}
        found, grown = found | more, bool(more)
    return found


def covers(first: Transition, later: Transition) -> bool:
    """Say whether a transition is taken whenever a later one for the same trigger could be."""
    free = first.who is None and first.when is None and first.unless is None
    same = {name: value.raw for name, value in first.match.items()} == {
        name: value.raw for name, value in later.match.items()
    }
    return free and (same or not first.match) and _always_leads(first)


def _always_leads(transition: Transition) -> bool:
    return not transition.to or any(choice.when is None for choice in transition.to)


def is_free(transition: Transition) -> bool:
    """Say whether nothing can stand against a transition."""
    return covers(transition, transition) and not transition.match


def _never_taken(workflow: Workflow, reached: frozenset[int]) -> Iterator[Problem]:
    taken = {
        one.ref + one.name
        for state in workflow.states
        if state.index in reached
        for transitions in _lists(state)
        for one in _winning(transitions)
    }
    for state in workflow.states:
        for transitions in state.transitions.values() if state.index in reached else ():
            for one in transitions:
                yield from _choice_problems(workflow, one)
                if one.ref + one.name not in taken:
                    yield _never(one, transitions)


def _lists(state: State) -> Iterator[tuple[Transition, ...]]:
    """Give the lists that are tried in a state, each in the order that wins."""
    stable = not any(is_free(one) for one in state.candidates.get(ALWAYS, ()))
    for (kind, _), transitions in state.candidates.items():
        if stable or kind is TriggerKind.ALWAYS:
            yield transitions
    for (kind, _), transitions in state.transitions.items():
        if kind not in OUTWARDS:
            yield transitions


def _winning(transitions: tuple[Transition, ...]) -> Iterator[Transition]:
    for number, one in enumerate(transitions):
        if not any(covers(before, one) for before in transitions[:number]):
            yield one


def _never(one: Transition, beside: tuple[Transition, ...]) -> Problem:
    before = beside[: beside.index(one)]
    first = next((other for other in before if covers(other, one)), None)
    if first is not None:
        hint = f"`{first.ref}` before it has no condition: put it last, or give it a `when`"
    elif one.kind is TriggerKind.ALWAYS:
        hint = "every state inside has an `always` of its own without a condition"
    else:
        hint = "every state where it could be is left at once, or takes the same trigger itself"
    return Problem(one.place, "never-wins", f"`{one.ref}` is never taken", hint)


def _choice_problems(workflow: Workflow, one: Transition) -> Iterator[Problem]:
    first = next((n for n, choice in enumerate(one.to) if choice.when is None), len(one.to))
    for choice in one.to[first + 1 :]:
        target = workflow.states[choice.target].id
        message = f"`{one.ref}` never leads to `{target}`"
        hint = "the state before it has no `when`: put it last"
        yield Problem(one.place, "never-wins", message, hint)


def _circles(workflow: Workflow, reached: frozenset[int]) -> Iterator[Problem]:
    """Give what leads round and round by itself, with nothing to stop it."""
    seen: set[int] = set()
    for state in workflow.states:
        if state.index in reached and not state.children:
            yield from _circle_from(workflow, state, seen)


def _circle_from(workflow: Workflow, leaf: State, seen: set[int]) -> Iterator[Problem]:
    way: list[Transition] = []
    index: int | None = leaf.index
    while index is not None and index not in seen:
        seen.add(index)
        step = _free_step(workflow, workflow.states[index])
        way += [step] if step is not None else []
        index = _next_leaf(step, index) if step is not None else None
        if step is not None and index in {leaf.index, *(one.source for one in way)}:
            yield _circle(way)
            return


def _free_step(workflow: Workflow, leaf: State) -> Transition | None:
    """Return what is taken in a leaf at once, come what may: `always`, or the `done` around it."""
    around = workflow.states[leaf.parent]
    follows = leaf.candidates.get(ALWAYS, ())
    if not follows and leaf.type is StateType.FINAL:
        follows = around.transitions.get(DONE, ())
    return follows[0] if follows and is_free(follows[0]) else None


def _next_leaf(step: Transition, index: int) -> int:
    return step.to[0].enters[-1] if step.to else index


def _circle(way: list[Transition]) -> Problem:
    names = " → ".join(f"`{one.ref}`" for one in way)
    hint = "give one of them a `when` that ends it"
    return Problem(way[0].place, "endless", f"this goes in a circle without end: {names}", hint)


def _action_problems(workflow: Workflow) -> Iterator[Problem]:
    first: dict[str, Transition] = {}
    for one in _named(workflow):
        if folded(one.name) == "start":
            message = f"`{workflow.name}.start` is the action that starts an instance"
            yield Problem(one.place, "name", message, "give this action another name")
        other = first.setdefault(folded(one.name), one)
        if other.name != one.name:
            message = f"`{one.name}` differs from `{other.name}` only by `-`, `_` or case"
            yield Problem(one.place, "name", message, "write both alike")
        elif plain_fields(other) != plain_fields(one):
            message = f"`{one.name}` takes other params here than in `{other.ref}`"
            hint = "an action of a workflow is one action: let its `params` be equal everywhere"
            yield Problem(one.place, "action-params", message, hint)


def plain_fields(transition: Transition) -> Mapping[str, object]:
    """Return the params as they compare."""
    return dict(transition.params.fields)


def _named(workflow: Workflow) -> Iterator[Transition]:
    for state in workflow.states:
        for (kind, _), transitions in state.transitions.items():
            if kind is TriggerKind.ACTION:
                yield from transitions
