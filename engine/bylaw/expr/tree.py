"""A checked expression: the few forms that there are, names resolved and constants in place.

`check` makes these trees from text, and nothing else does; `evaluate`, `code` and `explain`
read them. Every node has the text of the author that it stands for.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from bylaw.base.plain import Plain
from bylaw.expr.kind import Kind, kind_of_value
from bylaw.expr.names import OPEN, Known

Step: TypeAlias = str | int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Constant:
    """A value that stands in the text, or a named literal."""

    text: str
    value: Plain


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Read:
    """A path from a root, `params.files[0]`; `below` is what may stand below it."""

    text: str
    root: str
    steps: tuple[Step, ...] = ()
    below: Known = OPEN
    kind: Kind = Kind.ANY


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bound:
    """A path from the variable of an `any` or `all`; `name` is what it is called when missing."""

    text: str
    variable: int
    name: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Item:
    """An item or field chosen by a value that only a run knows."""

    text: str
    of: "Node"
    index: "Node"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """A part of a text or list, `commit[:7]`."""

    text: str
    of: "Node"
    low: "Node"
    high: "Node"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listing:
    """A list of values."""

    text: str
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Record:
    """A record; its keys are constants."""

    text: str
    fields: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """`a < b`, or a chain `a < b <= c`: each operator with what stands behind it."""

    text: str
    first: "Node"
    rest: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Both:
    """Parts joined by `and`."""

    text: str
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Either:
    """Parts joined by `or`."""

    text: str
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Not:
    """`not x`."""

    text: str
    of: "Node"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """`then if test else other`."""

    text: str
    test: "Node"
    then: "Node"
    other: "Node"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Call:
    """A function or arithmetic over values; `run` raises only what `failure.FAILURES` lists."""

    text: str
    run: Callable[..., Plain]
    args: tuple["Node", ...]
    gives: Kind


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Has:
    """Whether every step of a path is there."""

    text: str
    path: Read | Bound


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Active:
    """Whether a state is active."""

    text: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quantifier:
    """`any(element for variable in source if filters)`, or `all(…)`."""

    text: str
    every: bool
    variable: int
    source: "Node"
    filters: tuple["Node", ...]
    element: "Node"


Node: TypeAlias = (
    Constant
    | Read
    | Bound
    | Item
    | Part
    | Listing
    | Record
    | Comparison
    | Both
    | Either
    | Not
    | Choice
    | Call
    | Has
    | Active
    | Quantifier
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tree:
    """A whole expression, with how large it is when named conditions are put in."""

    root: Node
    size: int
    depth: int


FORM_KINDS: Mapping[type, Kind] = {
    **dict.fromkeys((Comparison, Both, Either, Not, Has, Active, Quantifier), Kind.BOOLEAN),
    Listing: Kind.LIST,
    Record: Kind.RECORD,
}


def kind_of(node: Node) -> Kind:
    """Return what a node gives, as far as it can be told before a run."""
    match node:
        case Constant():
            return kind_of_value(node.value)
        case Read():
            return node.kind
        case Call():
            return node.gives
        case Choice():
            kinds = {kind_of(node.then), kind_of(node.other)}
            return kinds.pop() if len(kinds) == 1 else Kind.ANY
        case _:
            return FORM_KINDS.get(type(node), Kind.ANY)


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes below a node, from left to right."""
    return CHILDREN[type(node)](node)


def _no_children(_node: Any) -> tuple[Node, ...]:
    return ()


CHILDREN: Mapping[type, Callable[[Any], tuple[Node, ...]]] = {
    Constant: _no_children,
    Read: _no_children,
    Bound: _no_children,
    Active: _no_children,
    Item: lambda node: (node.of, node.index),
    Part: lambda node: (node.of, node.low, node.high),
    Listing: lambda node: node.items,
    Record: lambda node: tuple(value for _, value in node.fields),
    Comparison: lambda node: (node.first, *(value for _, value in node.rest)),
    Both: lambda node: node.parts,
    Either: lambda node: node.parts,
    Not: lambda node: (node.of,),
    Choice: lambda node: (node.then, node.test, node.other),
    Call: lambda node: node.args,
    Has: lambda node: (node.path,),
    Quantifier: lambda node: (node.source, *node.filters, node.element),
}


def walk(node: Node) -> Iterator[Node]:
    """Give a node and all below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def dotted(root: str, steps: tuple[Step, ...]) -> str:
    """Return a path as it is written: `params.files[0].name`."""
    return root + "".join(f".{step}" if isinstance(step, str) else f"[{step}]" for step in steps)


def field_path(node: Read) -> str:
    """Return the dotted path of the fields that are read, up to the first index."""
    fields = node.steps
    for index, step in enumerate(node.steps):
        if not isinstance(step, str):
            fields = node.steps[:index]
            break
    return dotted(node.root, fields)


def reads(root: Node) -> frozenset[str]:
    """Return every dotted name that can be read."""
    return frozenset(field_path(node) for node in walk(root) if isinstance(node, Read))
