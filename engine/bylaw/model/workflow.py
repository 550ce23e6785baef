"""Workflows: hierarchical state machines, compiled to tables.

Semantics: W3C SCXML, Appendix D. States are numbered in document order; 0 is the root.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bylaw.base.place import Place
from bylaw.model.action import Call
from bylaw.model.actor import Who
from bylaw.model.advice import Instead
from bylaw.model.condition import Condition, Value
from bylaw.model.shape import NOTHING, Shape


class StateType(StrEnum):
    """The types of states; parallel and history come later and fit in here."""

    ATOMIC = "atomic"
    COMPOUND = "compound"
    FINAL = "final"


class TriggerKind(StrEnum):
    """What can set a step off."""

    ACTION = "action"
    EVENT = "event"
    TIMER = "timer"
    DONE = "done"
    FAILED = "failed"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One target of a transition, taken if `when` holds on the data after `set`.

    `domain` is the compound state that stays while all below it is left, and `enters` are the
    states entered from there on, in document order. `quiet` says that all of them are. Where
    there is one leaf, `states` are active afterwards: `depth` of them stay, and then come
    `names`, those of what is entered.
    """

    when: Condition | None
    target: int
    domain: int
    enters: tuple[int, ...]
    quiet: bool
    states: tuple[str, ...]
    depth: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """What a trigger does in a state. Without `to` nothing is left or entered.

    `ref` is `workflow/state.trigger`, as answers and history name it. `free` says that nothing
    can stand against it and that it neither sets nor sends anything.
    """

    ref: str
    kind: TriggerKind
    name: str
    source: int
    description: str = ""
    params: Shape = NOTHING
    who: Who | None = None
    when: Condition | None = None
    unless: Condition | None = None
    message: Value | None = None
    instead: Instead | None = None
    match: Mapping[str, Value] = field(default_factory=dict)
    sets: tuple[tuple[str, Value], ...] = ()
    do: tuple[Call, ...] = ()
    to: tuple[Choice, ...] = ()
    free: bool = False
    place: Place

    def __hash__(self) -> int:
        """Hash by place."""
        return hash(self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A deadline of a state: `after` once, `every` again and again, or the end of a run's time.

    `run` is the name of the call whose time it limits, empty for the others.
    """

    name: str
    delay_s: float
    repeats: bool
    run: str = ""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One state. `transitions` are its own by trigger, each list in document order.

    `last` is the number of its last descendant, or its own. `ancestors` begin with the parent
    and end with the root. `entering` is the state with what is entered below it by default.
    `candidates` are the transitions that a state without children tries, its own first and
    then outwards: for actions, events and `always`, which alone are looked for outwards.
    `quiet` says that entering and leaving it does nothing else: no timers, runs, `always`, end;
    `quiet_from` is the depth from which on the states around it are, down to itself. `active`
    are the ids of it and its ancestors, as `in_state` sees them where it is the only leaf.
    """

    index: int
    id: str
    name: str
    type: StateType
    description: str
    parent: int
    children: tuple[int, ...]
    depth: int
    last: int
    ancestors: tuple[int, ...]
    entering: tuple[int, ...]
    candidates: Mapping[tuple[TriggerKind, str], tuple[Transition, ...]]
    transitions: Mapping[tuple[TriggerKind, str], tuple[Transition, ...]]
    timers: tuple[Timer, ...] = ()
    enter_sets: tuple[tuple[str, Value], ...] = ()
    enter_do: tuple[Call, ...] = ()
    exit_sets: tuple[tuple[str, Value], ...] = ()
    exit_do: tuple[Call, ...] = ()
    run: tuple[Call, ...] = ()
    quiet: bool
    quiet_from: int
    active: frozenset[str]
    place: Place

    def __hash__(self) -> int:
        """Hash by number."""
        return hash(self.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartEvent:
    """An event that starts an instance."""

    event: str
    when: Condition | None
    sets: tuple[tuple[str, Value], ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Who may start an instance, when, and what is set then."""

    who: Who | None
    when: Condition | None
    sets: tuple[tuple[str, Value], ...]
    do: tuple[Call, ...]
    events: tuple[StartEvent, ...]
    message: Value | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A workflow. `definition` is the hash of its canonical document.

    `key_fields` are the inputs that the key reads: an event finds its instances by its params
    of these names, unless it says `match`. `record` is the shape of inputs and data together;
    `events` are the events that some state takes.
    """

    name: str
    description: str
    definition: str
    key: Value
    key_fields: tuple[str, ...]
    inputs: Shape
    data: Shape
    record: Shape
    start: Start
    states: tuple[State, ...]
    by_id: Mapping[str, int]
    events: frozenset[str]
    place: Place

    def __hash__(self) -> int:
        """Hash by definition."""
        return hash(self.definition)
