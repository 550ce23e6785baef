"""Access modes: what is granted at all."""

from dataclasses import dataclass

from bylaw.base.place import Place
from bylaw.model.action import Selector
from bylaw.model.actor import Who
from bylaw.model.condition import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessMode:
    """One mode: who has it and when, which actions it grants, and which of them not."""

    name: str
    description: str
    who: Who | None
    when: Condition | None
    allow: Selector
    excepted: Selector
    outside_closed: bool = False
    place: Place
