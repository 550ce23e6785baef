"""Policies: rules that decide among what is granted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bylaw.base.place import Place
from bylaw.base.plain import Record
from bylaw.model.action import Selector
from bylaw.model.actor import Who
from bylaw.model.advice import Instead
from bylaw.model.condition import Condition, Value


class Effect(StrEnum):
    """The five effects and `none`, strictest first (see `rank`)."""

    DENY = "deny"
    ASK = "ask"
    TRANSFORM = "transform"
    WARN = "warn"
    ALLOW = "allow"
    NONE = "none"

    rank: int

    def __init__(self, _word: str) -> None:
        """Rank it: 0 is the strictest."""
        self.rank = len(type(self).__members__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuse:
    """One `unless`: a named exception from its rule, perhaps for some and until a day."""

    name: str
    who: Who | None
    when: Condition | None
    until: date | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Whose approval an `ask` wants: role or id → how many different people."""

    approvers: Mapping[str, int]
    any_of: tuple[str, ...]
    needs: int
    expires_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a policy; `ref` is `policy/rule`, `place` where its name stands."""

    ref: str
    actions: Selector | None
    who: Who | None
    when: Condition | None
    excuses: tuple[Excuse, ...]
    effect: Effect
    message: Value | None
    message_user: Value | None
    instead: Instead | None
    approval: Approval | None
    change: Mapping[str, Value]
    labels: Record
    place: Place

    def __hash__(self) -> int:
        """Hash by ref, which is unique in a snapshot."""
        return hash(self.ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy. `facts` are inputs that callers send; `until` ends a shadow."""

    name: str
    description: str
    owner: str
    labels: Record
    applies: Selector
    always: bool
    shadow: bool
    until: date | None
    default: Effect
    facts: Mapping[str, Record]
    rules: tuple[Rule, ...]
    place: Place

    def __hash__(self) -> int:
        """Hash by name, which is unique in a snapshot."""
        return hash(self.name)
