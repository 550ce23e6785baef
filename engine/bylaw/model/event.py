"""Events: things that happen outside and are reported by who may."""

from dataclasses import dataclass

from bylaw.base.place import Place
from bylaw.model.actor import Who
from bylaw.model.shape import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One kind of event. `who` is None where nobody may report it."""

    name: str
    description: str
    who: Who | None
    params: Shape
    place: Place
