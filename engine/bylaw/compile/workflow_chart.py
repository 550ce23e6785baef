"""The tree of a workflow's states, numbered in document order, before any body is compiled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bylaw.base.names import did_you_mean, folded
from bylaw.base.node import Mapping, Node, Scalar
from bylaw.base.place import Place
from bylaw.base.problem import Problem
from bylaw.model.workflow import StateType

TYPES = {"final": StateType.FINAL}
ATTACHED = ("enter", "exit", "run", "after", "every")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One state as the tree has it; see `State` for what the numbers mean. 0 is the root."""

    index: int
    id: str
    name: str
    type: StateType
    parent: int
    ancestors: tuple[int, ...]
    children: tuple[int, ...]
    last: int
    node: Mapping
    place: Place


Chart = tuple[Draft, ...]


def chart_of(root: Mapping, place: Place) -> Chart:
    """Number the states of a workflow; the document itself is the root."""
    found: dict[int, Draft] = {}
    _number(root, found, name="", around=None, place=place)
    return tuple(found[index] for index in sorted(found))


def _number(
    node: Mapping, found: dict[int, Draft], *, name: str, around: Draft | None, place: Place
) -> int:
    """Put a state and all below it into `found`, and return its number."""
    own = _alone(node, len(found), name=name, around=around, place=place)
    found[own.index] = own
    children = tuple(
        _number(child, found, name=str(key.value), around=own, place=key.place)
        for key, child in inner_states(node)
    )
    found[own.index] = replace(own, children=children, last=len(found) - 1)
    return own.index


def _alone(node: Mapping, index: int, *, name: str, around: Draft | None, place: Place) -> Draft:
    """Return a state before what is below it is known."""
    return Draft(
        index=index,
        id=f"{around.id}.{name}" if around is not None and around.id else name,
        name=name,
        type=type_of(node),
        parent=around.index if around is not None else 0,
        ancestors=(around.index, *around.ancestors) if around is not None else (),
        children=(),
        last=index,
        node=node,
        place=place,
    )


def inner_states(node: Mapping) -> Iterator[tuple[Scalar, Mapping]]:
    """Give the keys and bodies of the states directly inside; an empty body is a mapping too."""
    states = node.get("states")
    for key, child in states.entries if isinstance(states, Mapping) else ():
        yield key, child if isinstance(child, Mapping) else Mapping(entries=(), place=child.place)


def type_of(node: Mapping) -> StateType:
    """Return what type a state says it is, or is by having states inside."""
    said = node.get("type")
    if isinstance(said, Scalar) and said.value in TYPES:
        return TYPES[str(said.value)]
    return StateType.COMPOUND if any(inner_states(node)) else StateType.ATOMIC


def tree_problems(chart: Chart) -> Iterator[Problem]:
    """Give what is wrong with names, types and initial states."""
    for draft in chart:
        yield from _name_problems(chart, draft)
        if draft.children:
            yield from _initial_problems(chart, draft)
        elif draft.node.get("initial") is not None and draft.index:
            key = draft.node.key("initial")
            message = f"`{draft.name}` has no states inside that could be its initial one"
            yield Problem(key.place, "initial", message)


def _name_problems(chart: Chart, draft: Draft) -> Iterator[Problem]:
    first: dict[str, Draft] = {}
    for index in draft.children:
        child = chart[index]
        other = first.setdefault(folded(child.name), child)
        if other is not child:
            message = f"`{child.name}` differs from `{other.name}` only by `-`, `_` or case"
            yield Problem(child.place, "name", message, "give one of them another name")


def _initial_problems(chart: Chart, draft: Draft) -> Iterator[Problem]:
    names = [chart[index].name for index in draft.children]
    said = draft.node.get("initial")
    whose = f"`{draft.name}`" if draft.index else "the workflow"
    if said is None:
        hint = f"write `initial: {names[0]}`"
        yield Problem(
            draft.place, "missing-key", f"{whose} does not say its `initial` state", hint
        )
    elif not isinstance(said, Scalar) or said.value not in names:
        word = str(said.value) if isinstance(said, Scalar) else ""
        message = f"`{word}` is not a state directly inside {whose}"
        yield Problem(
            said.place, "unknown-ref", message, did_you_mean(word, names) or listed(names)
        )


def listed(names: Sequence[str]) -> str:
    """Return the hint that lists what there is."""
    return "there is " + ", ".join(f"`{name}`" for name in names)


def initial_of(chart: Chart, draft: Draft) -> int:
    """Return the initial child; the first one where none is named rightly, or 0 for a leaf."""
    said: Node | None = draft.node.get("initial")
    for index in draft.children:
        if isinstance(said, Scalar) and chart[index].name == said.value:
            return index
    return draft.children[0] if draft.children else 0


def entering(chart: Chart, index: int) -> tuple[int, ...]:
    """Return a state and what is entered below it by default."""
    draft = chart[index]
    if not draft.children:
        return (index,)
    return (index, *entering(chart, initial_of(chart, draft)))


def resolve(chart: Chart, source: Draft, word: str) -> int | None:
    """Find the state that a `to` means: beside the source, else outwards, then down its dots."""
    around = source.ancestors or (0,)
    first, *rest = word.split(".")
    for scope in around:
        found = _down(chart, scope, [first, *rest])
        if found is not None:
            return found
    return None


def _down(chart: Chart, index: int, names: Sequence[str]) -> int | None:
    for name in names:
        below = [child for child in chart[index].children if chart[child].name == name]
        if not below:
            return None
        index = below[0]
    return index


def in_reach(chart: Chart, source: Draft) -> list[str]:
    """Return the names that a `to` can mean without dots, nearest first."""
    around = source.ancestors or (0,)
    return [chart[child].name for scope in around for child in chart[scope].children]


def is_quiet(chart: Chart, index: int) -> bool:
    """Say whether a state is entered and left without anything else; see `State`."""
    draft = chart[index]
    around = (draft, *(chart[other] for other in draft.ancestors))
    passing = any(one.node.get("always") is not None for one in around)
    attached = any(draft.node.get(word) is not None for word in ATTACHED)
    return not passing and not attached and draft.type is not StateType.FINAL


def quiet_from(chart: Chart, index: int) -> int:
    """Return the depth from which on all states down to this one are quiet, itself included."""
    way = (index, *chart[index].ancestors)
    loud = next((one for one in way if not is_quiet(chart, one)), None)
    return 0 if loud is None else len(chart[loud].ancestors)


def way_to(chart: Chart, index: int) -> tuple[str, ...]:
    """Return the ids of the states around a state and of itself, without the root."""
    return tuple(chart[one].id for one in (*reversed(chart[index].ancestors), index) if one)


def domain(chart: Chart, source: Draft, target: int) -> int:
    """Return the least state around both source and target, which is not left."""
    for index in source.ancestors:
        if index < target <= chart[index].last:
            return index
    return 0


def enters(chart: Chart, *, domain: int, target: int) -> tuple[int, ...]:
    """Return what a transition enters, in document order: the way down, then the default."""
    way = [index for index in reversed(chart[target].ancestors) if index > domain]
    return (*way, *entering(chart, target))
