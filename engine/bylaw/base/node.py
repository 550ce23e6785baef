"""A YAML document as a tree that knows where every key and value stands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bylaw.base.place import Place
from bylaw.base.plain import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A single value. `at(offset)` is the place of a character of its text (0 is the first)."""

    value: Plain
    place: Place
    at: Callable[[int], Place] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A list of nodes; `place` is where it begins."""

    items: tuple["Node", ...]
    place: Place

    def __iter__(self) -> Iterator["Node"]:
        """Walk the items in order."""
        return iter(self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Keys and values in document order; `place` is where it begins."""

    entries: tuple[tuple[Scalar, "Node"], ...]
    place: Place
    index: dict[str, "Node"] = field(compare=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Index the entries by key."""
        self.index.update((key.value, node) for key, node in self.entries)

    def get(self, key: str) -> "Node | None":
        """Return the value under a key, or nothing."""
        return self.index.get(key)

    def key(self, name: str) -> Scalar:
        """Return the key itself, for its place. Raises KeyError where there is none."""
        for key, _ in self.entries:
            if key.value == name:
                return key
        raise KeyError(name)


Node = Scalar | Sequence | Mapping


def plain(node: Node) -> Plain:
    """Return the value without positions: dicts, lists, texts, numbers, booleans, null."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key.value: plain(value) for key, value in node.entries}


def fixed_scalar(value: Plain, place: Place) -> Scalar:
    """Return a scalar that stands at one place, for values that no file contains."""
    return Scalar(value=value, place=place, at=lambda _offset: place)
