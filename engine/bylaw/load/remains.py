"""What is left of a document with mistakes: enough to find the other mistakes in it.

What a mistake stands at is cut out. The rest is never made live; it is compiled so that a
misspelt key does not hide what is wrong with a condition ten lines below.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bylaw.base.node import Mapping, Node, Scalar, Sequence
from bylaw.base.place import Place
from bylaw.base.problem import Problem
from bylaw.load.schema import check_document

# Each cut can leave something incomplete around it: a rule, then the list it was alone in.
MOST_CUTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """The sound rest of a document, and every name that was cut out with the mistakes."""

    root: Mapping
    lost: frozenset[str]


def remains_of(root: Mapping, problems: Iterable[Problem]) -> Remains | None:
    """Cut the mistakes out of a document; nothing where the rest does not hold by itself.

    A rule without its misspelt `effect` has a mistake of its own: then all of it goes.
    """
    lost: set[str] = set()
    found = tuple(problems)
    for _ in range(MOST_CUTS):
        rest = _cut_mapping(root, frozenset(problem.place for problem in found), lost)
        if rest.entries == root.entries:
            return None
        root, found = rest, check_document(rest)
        if not found:
            return Remains(root=root, lost=frozenset(lost))
    return None


def _cut(node: Node, wrong: frozenset[Place], lost: set[str]) -> Node | None:
    if node.place in wrong:
        lost.update(_names(node))
        return None
    match node:
        case Mapping():
            return _cut_mapping(node, wrong, lost)
        case Sequence():
            kept = (_cut(item, wrong, lost) for item in node.items)
            return Sequence(items=tuple(item for item in kept if item), place=node.place)
        case Scalar():
            return node


def _cut_mapping(node: Mapping, wrong: frozenset[Place], lost: set[str]) -> Mapping:
    entries: list[tuple[Scalar, Node]] = []
    for key, value in node.entries:
        kept = None if key.place in wrong else _cut(value, wrong, lost)
        if kept is None:
            lost.update((str(key.value), *_names(value)))
        else:
            entries.append((key, kept))
    return Mapping(entries=tuple(entries), place=node.place)


def _names(node: Node) -> Iterator[str]:
    """Give every key and text below a node."""
    match node:
        case Mapping():
            for key, value in node.entries:
                yield str(key.value)
                yield from _names(value)
        case Sequence():
            for item in node.items:
                yield from _names(item)
        case Scalar():
            yield str(node.value)
