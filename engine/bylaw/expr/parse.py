"""From text to Python's syntax tree, within limits; what it may contain is asked in `check`."""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from bylaw.expr.hint import foreign
from bylaw.expr.source import Refused, Source, read_source, refuse

MOST_NODES = 200
DEEPEST = 30
IGNORED = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)

# What Python says about a syntax, and what is said here.
SAID = {
    "was never closed": "`{}` is not closed",
    "unmatched": "`{}` closes nothing",
    "does not match": "`{}` closes something else",
    "expected 'else'": "there is an `if` without its `else`",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The tree of an expression with the text it came from."""

    root: ast.expr
    source: Source

    def start(self, node: ast.AST) -> int:
        """Return the offset in the author's text at which a node begins."""
        return self._offset(getattr(node, "col_offset", 0))

    def place(self, node: ast.AST) -> int:
        """Return the offset to name when a node is wrong: of a path that of its last field."""
        if isinstance(node, ast.Attribute):
            return self.end(node) - len(node.attr)
        return self.start(node)

    def end(self, node: ast.AST) -> int:
        """Return the offset behind a node."""
        return self._offset(getattr(node, "end_col_offset", 0))

    def text(self, node: ast.AST) -> str:
        """Return the author's text of a node, on one line."""
        return re.sub(r"\s+", " ", self.source.text[self.start(node) : self.end(node)])

    def field(self, node: ast.Attribute) -> str:
        """Return the name of a field as the author wrote it."""
        return self.source.fields.get(self.end(node) - len(node.attr), node.attr)

    def _offset(self, column: int) -> int:
        # Columns count the bytes of UTF-8.
        before = self.source.code.encode()[:column].decode()
        return self.source.skipped + len(before)


def parse(text: str) -> Parsed:
    """Parse an expression. Raises Refused with the one mistake that keeps it from being read."""
    source = read_source(text)
    root = _tree(source)
    parsed = Parsed(root=root, source=source)
    _check_size(parsed)
    return parsed


def _tree(source: Source) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source.code, mode="eval").body
    except SyntaxError as error:
        raise _syntax(source, error) from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise _too_deep() from error


def _too_deep() -> Refused:
    message = "the expression is nested too deeply"
    return refuse(0, "too-long", message, "give names to parts of it")


def _syntax(source: Source, error: SyntaxError) -> Refused:
    found = foreign(source.outside)
    if found is not None:
        offset, said, hint = found
        return refuse(offset, "syntax", f"`{said}` is not known here", hint)
    if "too many nested" in str(error.msg):
        return _too_deep()
    if not error.offset:
        return refuse(len(source.text.rstrip()), "syntax", "the expression ends too early")
    offset = min(source.skipped + error.offset - 1, len(source.text) - 1)
    for said, message in SAID.items():
        if said in str(error.msg):
            return refuse(offset, "syntax", message.format(source.text[offset]))
    word = (source.text[offset:].split() or [""])[0][:20]
    return refuse(offset, "syntax", f"the expression cannot be read at `{word}`")


def _check_size(parsed: Parsed) -> None:
    for count, (node, depth) in enumerate(_nodes(parsed.root)):
        if depth > DEEPEST:
            raise _too_deep()
        if count >= MOST_NODES:
            message = f"the expression has more than {MOST_NODES} parts"
            raise refuse(parsed.start(node), "too-long", message, "give names to parts of it")


def _nodes(root: ast.AST) -> Iterator[tuple[ast.AST, int]]:
    """Give every node with its depth, without recursion."""
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend(
            (child, depth + 1)
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, IGNORED)
        )
