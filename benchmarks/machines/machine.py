"""What an adapter gives: a machine of one shape that goes to and fro."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Two states, or two of two floors each; a guard on one of the two steps.

    `nested` puts the leaves `b` and `d` two floors down; with `grows` each step adds one to
    the data that the guard looks at.
    """

    nested: bool = False
    grows: bool = False

    @property
    def what(self) -> str:
        """Return the shape in words."""
        floors = "nested" if self.nested else "flat"
        return f"{floors}, with data" if self.grows else floors


SHAPES = tuple(
    Shape(nested=nested, grows=grows) for nested in (False, True) for grows in (False, True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walker:
    """One machine on its way: take a step, say the leaf it is in, and the data."""

    go: Callable[[], object]
    leaf: Callable[[], str]
    size: Callable[[], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One engine of state machines."""

    name: str
    make: Callable[[Shape], Walker]
