"""Values that a run fills: texts with `${…}`, and lists and records of them.

`${expression}` alone gives the value with its type; inside a text it gives its text: `null`,
`true`, `3`, a list or record as compact JSON, a moment as `2026-11-20T10:00:00Z`. A moment that
stands alone becomes that text too, so that what is filled in can always be stored.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bylaw.base.node import Mapping as Tree
from bylaw.base.node import Node, Scalar, Sequence, plain
from bylaw.base.place import Place
from bylaw.base.problem import Problem
from bylaw.expr.condition import check_text
from bylaw.expr.filling import Filler, Fixed, Inserted, Joined, Listed, Recorded
from bylaw.expr.names import LEAF, LIST, Known, Names
from bylaw.expr.template import Insert, Unclosed, pieces
from bylaw.model.condition import Value

DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
NOTHING = Fixed(None)


def compile_value(
    node: Node,
    names: Names,
    *,
    problems: list[Problem],
    place: Place | None = None,
    strict: bool = False,
) -> Value | None:
    """Compile a value, or append what is wrong with it and return nothing.

    With `strict` a text that is the name of something known is a mistake: the `${}` around it
    was forgotten.
    """
    compiler = _Compiler(names=names, strict=strict)
    filler = compiler.compile(node)
    problems.extend(compiler.problems)
    if compiler.problems:
        return None
    return Value(
        raw=plain(node),
        place=place or node.place,
        reads=filler.reads,
        constant=filler.constant,
        fill=filler.fill,
        say=filler.say,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compiler:
    """Compiles the parts of one value, and gathers the problems in them."""

    names: Names
    strict: bool
    problems: list[Problem] = field(default_factory=list)

    def compile(self, node: Node) -> Filler:
        """Compile a scalar, list or record."""
        match node:
            case Scalar():
                return self._scalar(node)
            case Sequence():
                return Listed([self.compile(item) for item in node])
            case Tree():
                return self._record(node)

    def _record(self, node: Tree) -> Filler:
        for key, _ in node.entries:
            if "${" in str(key.value):
                message = "the name of a field is not filled in"
                self._add(key.place, "not-allowed", message, "write the name itself")
        return Recorded({str(key.value): self.compile(value) for key, value in node.entries})

    def _scalar(self, node: Scalar) -> Filler:
        if not isinstance(node.value, str):
            return Fixed(node.value)
        try:
            # A block of YAML ends in a line break: what stands alone in one stands alone.
            parts = list(pieces(node.value.rstrip("\n")))
        except Unclosed as unclosed:
            hint = "write `$${` for the characters themselves"
            place = node.at(unclosed.offset)
            return self._add(place, "syntax", "`${` has no closing `}`", hint)
        match parts:
            case [Insert() as alone]:
                return self._insert(alone, node)
            case _ if any(isinstance(part, Insert) for part in parts):
                return Joined([self._part(part, node) for part in pieces(node.value)])
            case _:
                return self._text(node)

    def _part(self, part: "Insert | str", node: Scalar) -> Filler:
        return self._insert(part, node) if isinstance(part, Insert) else Fixed(part)

    def _insert(self, part: Insert, node: Scalar) -> Filler:
        checked = check_text(
            part.text,
            self.names,
            at=lambda offset: node.at(part.offset + offset),
            problems=self.problems,
        )
        return NOTHING if checked is None else Inserted(checked.root)

    def _text(self, node: Scalar) -> Filler:
        text = "".join(part for part in pieces(node.value) if isinstance(part, str))
        if self.strict and is_known(text, self.names):
            message = f"`{text}` is a text here, not the value of that name"
            return self._add(node.place, "forgotten-braces", message, f"write `${{{text}}}`")
        return Fixed(text)

    def _add(self, place: Place, code: str, message: str, hint: str) -> Filler:
        self.problems.append(Problem(place, code, message, hint))
        return NOTHING


def is_known(text: str, names: Names) -> bool:
    """Say whether a text is the dotted name of something that can be read."""
    if DOTTED.fullmatch(text) is None:
        return False
    root, *fields = text.split(".")
    if not fields and (root in names.vars or root in names.conditions):
        return True
    if root not in names.roots:
        return False
    below: Known = names.roots[root]
    for name in fields:
        if below in (LEAF, LIST) or (isinstance(below, Mapping) and name not in below):
            return False
        below = below[name] if isinstance(below, Mapping) else below
    return True
