"""Tests that a house carries: calls and the verdicts they must get, and walks through workflows.

They take no part in the snapshot: what is live does not depend on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bylaw.base.place import Place
from bylaw.base.plain import Plain, Record
from bylaw.model.actor import Actor
from bylaw.model.policy import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a decision must be. What is None is not looked at.

    `rule` is the one that decides, `message` a part of its message. `approvers` is a list of
    whom any may approve, or how many of each.
    """

    verdict: Effect
    rule: str | None = None
    message: str | None = None
    missing: tuple[str, ...] | None = None
    approvers: tuple[str, ...] | Mapping[str, int] | None = None
    needs: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One call and the verdict that it must get; each variant of a matrix is one.

    `actor` is a name of the test's own actors, else of the house's. `resource` is the shared
    record that the call is about, None where there is none.
    """

    name: str
    actor: str
    now: datetime
    action: str
    params: Record
    facts: Record
    resource: Record | None
    expect: Expectation
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Starting:
    """Somebody starts an instance."""

    inputs: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Somebody runs an action of the workflow, named without the workflow."""

    action: str
    params: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """Somebody reports an event."""

    event: str
    params: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Time passes; timers fire."""

    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finishing:
    """A call that a state awaits ends: with `result`, or with the message of its failure.

    `name` tells several calls of one action apart; it is empty where there is one.
    """

    action: str
    name: str
    ok: bool
    result: Plain
    error: str


Happening = Starting | Running | Reporting | Waiting | Finishing


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happens in a flow, and what must come of it.

    `actor` is empty where nobody does it. What is None is not looked at; a step without
    `refused` must be taken.
    """

    happening: Happening
    actor: str
    state: tuple[str, ...] | None = None
    data: Record = field(default_factory=dict)
    effects: tuple[str, ...] | None = None
    refused: str | None = None
    instead: str | None = None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """Where a flow begins in the middle: a state that was entered just now."""

    state: str
    data: Record
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A walk through one workflow."""

    name: str
    workflow: str
    now: datetime
    beginning: Beginning | None
    steps: tuple[Step, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """One document `kind: test`. Its actors stand before those of the house."""

    name: str
    description: str
    actors: Mapping[str, Actor]
    cases: tuple[Case, ...]
    flows: tuple[Flow, ...]
    place: Place
