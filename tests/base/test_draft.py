"""A filled draft is the frozen class itself."""

from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import pytest

from bylaw.base.draft import draft_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    x: int
    y: int = 0


def drawn() -> Any:
    made: Any = object.__new__(draft_of(Point))
    made.x, made.y = 1, 2
    made.__class__ = Point
    return made


def test_filled_draft_equals_what_is_made_the_usual_way() -> None:
    assert drawn() == Point(x=1, y=2)
    assert hash(drawn()) == hash(Point(x=1, y=2))
    assert repr(drawn()) == repr(Point(x=1, y=2))


def test_filled_draft_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        drawn().x = 3
