"""Reads single fields of a document whose schema was checked already."""

from collections.abc import Iterable, Iterator
from datetime import date

from bylaw.base.duration import parse_duration
from bylaw.base.names import folded
from bylaw.base.node import Mapping, Node, Scalar, Sequence, plain
from bylaw.base.place import Place
from bylaw.base.problem import Problem
from bylaw.expr.condition import compile_condition
from bylaw.expr.names import Names
from bylaw.expr.value import compile_value
from bylaw.model.condition import Condition, Value


def text(root: Mapping, key: str, default: str = "") -> str:
    """Return a text, or the default where there is none."""
    node = root.get(key)
    return str(node.value) if isinstance(node, Scalar) else default


def flag(root: Mapping, key: str) -> bool:
    """Return whether a key says true."""
    node = root.get(key)
    return node is not None and plain(node) is True


def number(root: Mapping, key: str, default: float) -> float:
    """Return a number, or the default where there is none."""
    node = root.get(key)
    value = None if node is None else plain(node)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else default


def section(root: Mapping, key: str) -> Mapping | None:
    """Return a mapping, or nothing."""
    node = root.get(key)
    return node if isinstance(node, Mapping) else None


def items(node: Node | None) -> tuple[Node, ...]:
    """Return the items of a list, the one value that stands in its place, or nothing."""
    if node is None:
        return ()
    return node.items if isinstance(node, Sequence) else (node,)


def records(node: Node | None) -> tuple[Mapping, ...]:
    """Return the mappings of a list."""
    return tuple(item for item in items(node) if isinstance(item, Mapping))


def duration_s(root: Mapping, key: str, *, problems: list[Problem]) -> float | None:
    """Return a duration in seconds, or nothing where there is none."""
    node = root.get(key)
    if not isinstance(node, Scalar):
        return None
    duration = parse_duration(str(node.value))
    if duration is None:
        hint = "write a number and ms, s, m, h, d or w"
        problems.append(Problem(node.place, "type", f"`{node.value}` is not a duration", hint))
        return None
    return duration.total_seconds()


def day(root: Mapping, key: str, *, problems: list[Problem]) -> date | None:
    """Return a day, or nothing where there is none."""
    node = root.get(key)
    if not isinstance(node, Scalar):
        return None
    try:
        return date.fromisoformat(str(node.value))
    except ValueError:
        hint = "write it as `2026-12-31`"
        problems.append(Problem(node.place, "type", f"`{node.value}` is not a day", hint))
        return None


def condition(
    root: Mapping, key: str, names: Names, *, problems: list[Problem]
) -> Condition | None:
    """Compile the condition under a key, or return nothing where there is none."""
    node = root.get(key)
    return None if node is None else compile_condition(node, names, problems=problems)


def value(root: Mapping, key: str, names: Names, *, problems: list[Problem]) -> Value | None:
    """Compile the value under a key, or return nothing where there is none."""
    node = root.get(key)
    return None if node is None else compile_value(node, names, problems=problems)


def place_of_name(root: Mapping) -> Place:
    """Return where a part is named, which is where it is pointed at."""
    return (root.get("name") or root).place


def same_names(parts: Iterable[Mapping], what: str) -> Iterator[Problem]:
    """Give the parts whose name stands twice: answers point at a part by its name."""
    seen: dict[str, str] = {}
    for part in parts:
        name = text(part, "name")
        other = seen.get(folded(name))
        if other is not None:
            alike = "" if other == name else f", and `-` and `_` are alike: `{other}`"
            message = f"two {what} are named `{name}`{alike}"
            yield Problem(place_of_name(part), "duplicate", message, "rename one of the two")
        seen[folded(name)] = name
