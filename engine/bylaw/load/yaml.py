"""Strict YAML 1.2: bytes to trees that know where every key and value stands.

Any bytes give trees or problems, never an exception. One broken document does not hide the
mistakes of the others in its file.
"""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from bylaw.base.node import Mapping, Scalar
from bylaw.base.problem import Problem
from bylaw.load.limits import MAX_DOCUMENTS
from bylaw.load.source import Source, read_source
from bylaw.load.syntax import syntax_problem
from bylaw.load.tree import Tree

SEPARATOR = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """One document as YAML. `complete` says whether all of it was read."""

    root: Mapping | None
    complete: bool
    problems: tuple[Problem, ...]


def read_trees(content: bytes, *, file: str) -> tuple[tuple[Parsed, ...], tuple[Problem, ...]]:
    """Return every document of a file with its own problems, and the problems of the file."""
    source = read_source(content, file=file)
    if isinstance(source, Problem):
        return (), (source,)
    parsed: list[Parsed] = []
    for tree in _trees(source):
        if len(parsed) == MAX_DOCUMENTS:
            message = f"the file has more than {MAX_DOCUMENTS} documents"
            place = tree.source.place(tree.index)
            return tuple(parsed), (
                Problem(place, "too-many", message, "split it into several files"),
            )
        parsed += _parsed(tree)
    return tuple(parsed), ()


def _trees(source: Source) -> Iterator[Tree]:
    """Give the documents one after another, going on behind one that cannot be read."""
    index: int | None = 0
    while index is not None:
        index = yield from _stream(source, index)


def _stream(source: Source, index: int) -> Generator[Tree, None, int | None]:
    """Give the documents from an index on; return where to go on behind a broken one."""
    line = source.place(index).line - 1 if index else 0
    loader = yaml.CSafeLoader(source.text[index:])
    while True:
        tree = Tree(source, index=index, line=line)
        end, is_last = _read(loader, tree)
        if not is_last:
            yield tree
        if is_last or end is not None:
            return None if is_last else _next_document(source, tree.start, end or 0)


def _read(loader: yaml.CSafeLoader, tree: Tree) -> tuple[int | None, bool]:
    """Read one document; return where it broke off, if it did, and whether there was none."""
    try:
        for event in iter(loader.get_event, None):
            if isinstance(event, yaml.StreamEndEvent):
                return None, True
            if isinstance(event, yaml.DocumentEndEvent):
                tree.complete = True
                return None, False
            tree.take(event)
            if tree.abandoned:
                return tree.index + _index(event.start_mark), False
    except (yaml.YAMLError, UnicodeError) as error:
        problem = syntax_problem(error, tree.source, tree)
        tree.problems = [found for found in tree.problems if found.place != problem.place]
        tree.add(problem)
        return tree.index + _index(getattr(error, "problem_mark", None)), False
    return None, True


def _index(mark: Any) -> int:
    return int(mark.index) if mark is not None else 0


def _next_document(source: Source, start: int, end: int) -> int | None:
    """Find the `---` behind a document that broke off at an index."""
    place = source.place(end)
    line_start = end - place.column + 1
    found = SEPARATOR.search(source.text, max(line_start, start + 1))
    return found.start() if found else None


def _parsed(tree: Tree) -> list[Parsed]:
    root = tree.root
    if isinstance(root, Mapping):
        return [Parsed(root=root, complete=tree.complete, problems=tuple(tree.problems))]
    is_empty = root is None or (isinstance(root, Scalar) and root.value is None)
    place = tree.source.place(tree.start) if root is None else root.place
    if not is_empty and not tree.problems:
        message = "a document is a mapping with `kind` and `name`"
        tree.add(Problem(place, "document", message, "begin with `kind: …`"))
    return (
        [Parsed(root=None, complete=False, problems=tuple(tree.problems))] if tree.problems else []
    )
