"""A running workflow, and what a step makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bylaw.base.place import Place
from bylaw.base.plain import Plain, Record
from bylaw.model.advice import Advice
from bylaw.model.condition import Clause
from bylaw.model.workflow import TriggerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One instance, as its row has it.

    `id` is `<workflow>:<key>`, with `#2` behind it for the second of a key. `states` are the
    ids of all active states, ancestors included, in document order; `entries` gives each
    active state the number of its entry, which grows by one with every state ever entered, so
    that a late timer or a late end of a run is known by it. `data` has inputs and data.
    `finished` has the results of runs that ended while others of their state go on, by
    `entry/name`.
    """

    scope: str
    id: str
    workflow: str
    key: str
    definition: str
    states: tuple[str, ...]
    entries: Mapping[str, int]
    entered: int
    data: Record
    version: int
    closed: bool
    started_by: str
    started_at: datetime
    moved_at: datetime
    finished: Record = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What sets a step off.

    For a timer, `name` is the timer's and `state` and `entry` say which entry of which state
    it belongs to; the same for the end of a run, whose `name` is the call's name and whose
    `params` have its `result`, or the `message` of its failure. `due_at` is when a timer was
    due, from which one that repeats goes on.
    """

    kind: TriggerKind
    name: str
    params: Record = field(default_factory=dict)
    state: str = ""
    entry: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEffect:
    """A call that follows from a step: `do` is sent and forgotten, the end of `run` awaited."""

    awaited: bool
    action: str
    name: str
    params: Record
    state: str
    entry: int
    retry: int
    timeout_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTimer:
    """A timer that a step starts: which entry of which state, and when it is due."""

    name: str
    state: str
    entry: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A step that was taken: the new instance, what it started and what it left.

    `transitions` are the refs of the transitions taken, in order. `left` are the (state,
    entry) pairs whose timers and runs are over. `transitions` is empty where one of several
    runs of a state has ended and the others go on.
    """

    instance: Instance
    transitions: tuple[str, ...]
    effects: tuple[PlannedEffect, ...] = ()
    timers: tuple[PlannedTimer, ...] = ()
    left: tuple[tuple[str, int], ...] = ()
    changed: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why one transition was not taken. `who` is set where the actor is not one of those.

    `errors` are what went wrong in its conditions, in the author's terms.
    """

    ref: str
    place: Place
    message: str
    clauses: tuple[Clause, ...] = ()
    missing: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    advice: Advice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A step that was not taken.

    `code` is `not-in-state` where the active states do not know the trigger, `denied` where
    the actor is in none of the lists of who may, `guard` where no transition's conditions hold
    or the content of the workflow stands in its own way, and `late` where a timer or a run
    belongs to an entry that is over. `timers` are set nevertheless: one that repeats goes on,
    whatever its guard says.
    """

    code: str
    reasons: tuple[Reason, ...]
    timers: tuple[PlannedTimer, ...] = ()


StepOutcome = Moved | Refused
