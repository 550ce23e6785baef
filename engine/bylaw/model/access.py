"""Access modes: what is granted at all."""

from dataclasses import dataclass

from bylaw.base.place import Place
from bylaw.model.action import Selector
from bylaw.model.actor import Who
from bylaw.model.condition import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessMode:
    """One mode: who has it and when, which actions it grants, and which of them not.

    `within` is set for an agent that works for somebody: the modes of that person, one of which
    must grant too.
    """

    name: str
    description: str
    who: Who | None
    when: Condition | None
    allow: Selector
    excepted: Selector
    within: "tuple[AccessMode, ...] | None" = None
    place: Place
