"""Builds the tree of one document from YAML's events, within bounds.

Works on events, not on nodes: the lone tag `!` and the end of a plain scalar before ` #` leave
no trace on a node.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import yaml

from bylaw.base.node import Mapping, Node, Scalar, Sequence, fixed_scalar
from bylaw.base.place import Place
from bylaw.base.plain import Plain
from bylaw.base.problem import Problem
from bylaw.load.limits import MAX_ALIASED_NODES, MAX_DEPTH, MAX_NODES, MAX_PROBLEMS
from bylaw.load.offset import place_in
from bylaw.load.resolve import TooLargeNumber, resolve
from bylaw.load.source import Source
from bylaw.load.trap import (
    comment_problem,
    key_problem,
    shown,
    split_problem,
    stray_problem,
    tag_problem,
)


class Frame:
    """A list or mapping that is still open. `key` is the one whose value comes next."""

    __slots__ = (
        "anchor",
        "flow",
        "height",
        "is_mapping",
        "items",
        "key",
        "key_end",
        "keys",
        "place",
        "seen",
        "skip",
    )

    def __init__(self, event: Any, place: Place, *, seen: int) -> None:
        """Open it at a place; `seen` counts the nodes of the document before it."""
        self.place = place
        self.is_mapping = type(event) is yaml.MappingStartEvent
        self.flow: bool = event.flow_style
        self.anchor: str | None = event.anchor
        self.seen = seen
        self.items: list[Any] = []
        self.keys: dict[str, Scalar] = {}
        self.key: Scalar | None = None
        self.key_end = 0
        self.skip = False
        self.height = 1

    @property
    def wants_key(self) -> bool:
        """Say whether the next node is a key."""
        return self.is_mapping and self.key is None

    def put(self, node: Node, height: int) -> None:
        """Add an item, or the value of the open key."""
        self.height = max(self.height, height + 1)
        if not self.is_mapping:
            self.items.append(node)
            return
        if not self.skip:
            self.items.append((self.key, node))
        self.key, self.skip = None, False

    def close(self) -> Node:
        """Return the finished list or mapping."""
        if self.is_mapping:
            return Mapping(entries=tuple(self.items), place=self.place)
        return Sequence(items=tuple(self.items), place=self.place)


class Tree:
    """The tree of one document while it is read; `root` is the whole of it afterwards.

    `abandoned` says that a bound was crossed and that no more of the document is read,
    `complete` that all of it was.
    """

    def __init__(self, source: Source, *, index: int, line: int) -> None:
        """Begin a document; the marks of its events count from this index and line."""
        self.source = source
        self.index = index
        self.line = line
        self.start = index
        self.root: Node | None = None
        self.frames: list[Frame] = []
        self.problems: list[Problem] = []
        self.abandoned = False
        self.complete = False
        self.last: Any = None
        self._anchors: dict[str, tuple[Node, int, int] | None] = {}
        self._seen = 0
        self._aliased = 0

    def take(self, event: yaml.Event) -> None:
        """Add to the tree what an event says."""
        handler = self._HANDLERS.get(type(event))
        if handler is not None:
            handler(self, event)
            self.last = event

    def place(self, mark: Any) -> Place:
        """Return the place of a mark."""
        return Place(self.source.file, self.line + mark.line + 1, mark.column + 1)

    def add(self, problem: Problem | None) -> None:
        """Note a mistake, if it is one."""
        if problem is None or len(self.problems) >= MAX_PROBLEMS:
            return
        self.problems.append(problem)
        self.abandoned = self.abandoned or len(self.problems) == MAX_PROBLEMS

    def _begin(self, event: Any) -> None:
        self.start = self.index + event.start_mark.index
        if event.tags or event.version not in (None, (1, 2)):
            message = "directives (`%YAML`, `%TAG`) are not allowed"
            self.add(
                Problem(self.place(event.start_mark), "directive", message, "remove the line")
            )

    def _scalar(self, event: Any) -> None:
        frame = self.frames[-1] if self.frames else None
        place = self.place(event.start_mark)
        if event.tag is not None:
            self.add(tag_problem(event.tag, event.value, place=place))
        if frame is not None and frame.wants_key:
            self._key(event, place, frame)
            return
        if not event.style:
            self._check_plain(event, place, frame)
        elif "\0" in event.value:
            message = "the text has a NUL character in it"
            self.add(Problem(place, "control-character", message, "remove `\\0`"))
        node = self._node(event, self._value(event, place), place)
        self._remember(event.anchor, node, size=1, height=0)
        self._count()
        self._put(node, 0)

    def _node(self, event: Any, value: Plain, place: Place) -> Scalar:
        start, end = self.index + event.start_mark.index, self.index + event.end_mark.index
        at = partial(
            place_in, self.source, start=start, end=end, style=event.style, value=event.value
        )
        return Scalar(value=value, place=place, at=at)

    def _value(self, event: Any, place: Place) -> Plain:
        if event.style or event.tag is not None:
            return event.value
        try:
            return resolve(event.value)
        except TooLargeNumber:
            message = f"{shown(event.value)} is too large for a number"
            self.add(Problem(place, "number", message, "quote it to make it a text"))
            return event.value

    def _check_plain(self, event: Any, place: Place, frame: Frame | None) -> None:
        """Look for the pieces that a comma or a ` #` cut off a plain text."""
        end = self.index + event.end_mark.index
        if self.source.text.startswith(" #", end):
            self.add(comment_problem(self.source, end, text=event.value, key=self._nearest_key()))
        if frame is None or not frame.flow:
            return
        is_stray = frame.key is not None and not event.value and end == frame.key_end
        if frame.key is not None and is_stray and not frame.skip:
            before = frame.items[-1][0].value if frame.items else None
            self.add(stray_problem(frame.key.value, frame.key.place, before=before))
            frame.skip = True
        elif not frame.is_mapping and event.value.count("(") > event.value.count(")"):
            self.add(split_problem(event.value, place))

    def _nearest_key(self) -> str:
        for frame in reversed(self.frames):
            if frame.key is not None:
                return str(frame.key.value)
        return ""

    def _key(self, event: Any, place: Place, frame: Frame) -> None:
        key = self._node(event, event.value, place)
        wrong = key_problem(event.value, event.style, place=place)
        first = frame.keys.setdefault(event.value, key)
        if wrong is None and first is not key:
            message = f"{shown(event.value)} stands here a second time"
            hint = f"it is on line {first.place.line} already; keep one of them"
            wrong = Problem(place, "duplicate-key", message, hint)
        self.add(wrong)
        frame.key, frame.skip = key, wrong is not None
        frame.key_end = self.index + event.end_mark.index
        self._remember(event.anchor, key, size=1, height=0)
        self._count()

    def _open(self, event: Any) -> None:
        place = self.place(event.start_mark)
        if event.tag is not None:
            self.add(tag_problem(event.tag, "", place=place))
        if len(self.frames) >= MAX_DEPTH:
            self._abandon(place, "too-deep", f"this is nested more than {MAX_DEPTH} levels deep")
            return
        if self.frames and self.frames[-1].wants_key:
            self._no_key(place)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self.frames.append(Frame(event, place, seen=self._seen))
        self._count()

    def _close(self, _: yaml.Event) -> None:
        frame = self.frames.pop()
        node = frame.close()
        self._remember(frame.anchor, node, size=self._seen - frame.seen, height=frame.height)
        self._put(node, frame.height)

    def _alias(self, event: Any) -> None:
        place = self.place(event.start_mark)
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.wants_key:
            self._no_key(place)
            frame.key = fixed_scalar(event.anchor, place)
            return
        node, size, height = self._anchored(event.anchor, place)
        self._aliased += size
        self._count(size)
        if self._aliased > MAX_ALIASED_NODES:
            message = (
                f"the aliases of this document unfold to more than {MAX_ALIASED_NODES:,} values"
            )
            self._abandon(place, "too-many", message)
        elif len(self.frames) + height > MAX_DEPTH:
            self._abandon(place, "too-deep", f"this is nested more than {MAX_DEPTH} levels deep")
        self._put(node, height)

    def _anchored(self, name: str, place: Place) -> tuple[Node, int, int]:
        is_skipped = bool(self.frames) and self.frames[-1].skip
        if name not in self._anchors and not is_skipped:
            said = shown(f"*{name}")
            message = f"{said} points to an anchor that is not there"
            anchor = said.replace("*", "&", 1)
            hint = f"quote a text that begins with `*`; an anchor is set by {anchor} before it"
            self.add(Problem(place, "alias", message, hint))
        found = self._anchors.get(name)
        if found is None and name in self._anchors:
            message = f"{shown(f'*{name}')} stands inside the value that it points to"
            self.add(Problem(place, "alias", message, "write the value out"))
        return found or (fixed_scalar(f"*{name}", place), 1, 0)

    def _no_key(self, place: Place) -> None:
        hint = "quote the whole text if it is an expression or a sentence"
        self.add(Problem(place, "key", "a key is a plain text", hint))
        self.frames[-1].skip = True

    def _remember(self, anchor: str | None, node: Node, *, size: int, height: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = (node, size, height)

    def _put(self, node: Node, height: int) -> None:
        if not self.frames:
            self.root = node
            return
        frame = self.frames[-1]
        if frame.wants_key:
            frame.key = fixed_scalar("", node.place)
            return
        frame.put(node, height)

    def _count(self, size: int = 1) -> None:
        self._seen += size
        if self._seen > MAX_NODES and not self.abandoned:
            place = self.frames[-1].place if self.frames else self.source.place(0)
            self._abandon(place, "too-many", f"the document has more than {MAX_NODES:,} values")

    def _abandon(self, place: Place, code: str, message: str) -> None:
        self.add(Problem(place, code, message, "split it into several documents"))
        self.abandoned = True

    # Of the class: a tree that held its own methods would be left to the garbage collector, which
    # stops every call for as long as it looks through a large house.
    _HANDLERS: ClassVar[dict[type, Callable[["Tree", Any], None]]] = {
        yaml.DocumentStartEvent: _begin,
        yaml.ScalarEvent: _scalar,
        yaml.MappingStartEvent: _open,
        yaml.SequenceStartEvent: _open,
        yaml.MappingEndEvent: _close,
        yaml.SequenceEndEvent: _close,
        yaml.AliasEvent: _alias,
    }
