"""Personas: points of view that are consulted about an action."""

from dataclasses import dataclass

from bylaw.base.place import Place
from bylaw.model.action import Selector
from bylaw.model.condition import Condition, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing a persona looks at. `vote` is `allow`, `warn` or `deny`; confidence 0 to 1."""

    ref: str
    actions: Selector | None
    when: Condition | None
    unless: Condition | None
    vote: str
    confidence: float
    advice: Value | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """One persona: what it is consulted on, its principles, checks and weight."""

    name: str
    title: str
    description: str
    consult: Selector
    weight: float
    veto: bool
    principles: tuple[str, ...]
    checks: tuple[Check, ...]
    place: Place
