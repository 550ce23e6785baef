"""Documents: one `kind` and `name` each, checked, and remembered by the content of their file."""

from collections.abc import Iterable
from dataclasses import dataclass

from bylaw.base.node import Mapping, Node, Scalar, Sequence, fixed_scalar, plain
from bylaw.base.place import Place
from bylaw.base.plain import Plain, Record, digest
from bylaw.base.problem import Problem, sort_problems
from bylaw.load.house import SourceFile
from bylaw.load.limits import MAX_PROBLEMS
from bylaw.load.remains import remains_of
from bylaw.load.schema import check_document
from bylaw.load.yaml import Parsed, read_trees
from bylaw.model.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The documents that have no problem, and all problems of the others.

    `rest` is what is left of those others without their mistakes: to look for more mistakes
    in, never to be made live. `lost` are the names that went with the mistakes; None says that
    nobody knows which, because a document could not be read.
    """

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    rest: tuple[Document, ...] = ()
    lost: frozenset[str] | None = frozenset()


def load_documents(content: bytes, *, file: str) -> Loaded:
    """Read and check every document of a file. Any bytes give a result."""
    parsed, of_file = read_trees(content, file=file)
    found = [(one, _problems(one)) for one in parsed]
    good = tuple(_document(one.root) for one, wrong in found if one.root and not wrong)
    problems = [*of_file, *(problem for _, wrong in found for problem in wrong)]
    left = [remains_of(one.root, wrong) if one.root else None for one, wrong in found if wrong]
    kept = [one for one in left if one is not None]
    unread = bool(of_file) or len(kept) < len(left)
    return Loaded(
        documents=good,
        problems=_first(sort_problems(problems), file),
        rest=tuple(_document(one.root) for one in kept),
        lost=None if unread else frozenset(name for one in kept for name in one.lost),
    )


def _first(problems: tuple[Problem, ...], file: str) -> tuple[Problem, ...]:
    """Return the problems that are named of a file; the first ones are mended first."""
    if len(problems) <= MAX_PROBLEMS:
        return problems
    left = f"{len(problems) - MAX_PROBLEMS:,} more mistakes are not named"
    more = Problem(Place(file), "too-many", left, "mend the first ones and look again")
    return sort_problems([*problems[:MAX_PROBLEMS], more])


class DocumentCache:
    """Remembers what each file was loaded to, as long as its path and content stay the same."""

    def __init__(self) -> None:
        """Begin empty."""
        self._known: dict[tuple[str, str], Loaded] = {}

    def load(self, files: Iterable[SourceFile]) -> Loaded:
        """Return the documents of all files, in their order; files that are gone are forgotten."""
        self._known = {(file.path, file.digest): self._loaded(file) for file in files}
        loaded = self._known.values()
        problems = [problem for one in loaded for problem in one.problems]
        documents = tuple(document for one in loaded for document in one.documents)
        lost = [one.lost for one in loaded]
        return Loaded(
            documents=documents,
            problems=sort_problems(problems),
            rest=tuple(document for one in loaded for document in one.rest),
            lost=None if None in lost else frozenset().union(*(one or () for one in lost)),
        )

    def _loaded(self, file: SourceFile) -> Loaded:
        known = self._known.get((file.path, file.digest))
        return known or load_documents(file.content, file=file.path)


def document_of(data: Record, *, file: str) -> Document:
    """Return a document again from its stored content; all of it stands at the file's start.

    The content was checked before it was stored, and is not checked again.
    """
    return _document(tree_of(data, file=file))


def tree_of(data: Record, *, file: str) -> Mapping:
    """Return plain data as a tree, all of it at the start of a file."""
    place = Place(file)
    return Mapping(entries=_entries(data, place), place=place)


def _problems(one: Parsed) -> tuple[Problem, ...]:
    """Return what is wrong with a document; of one that broke off, only where it did.

    A value that is refused already is not judged a second time.
    """
    if one.root is None or not one.complete:
        return one.problems
    refused = {problem.place for problem in one.problems}
    found = check_document(one.root)
    return (*one.problems, *(problem for problem in found if problem.place not in refused))


def _document(root: Mapping) -> Document:
    content = plain(root)
    return Document(
        kind=content["kind"],
        name=content["name"],
        place=root.place,
        digest=digest(content),
        root=root,
    )


def _tree(data: Plain, place: Place) -> Node:
    if isinstance(data, dict):
        return Mapping(entries=_entries(data, place), place=place)
    if isinstance(data, list):
        return Sequence(items=tuple(_tree(item, place) for item in data), place=place)
    return fixed_scalar(data, place)


def _entries(data: Plain, place: Place) -> tuple[tuple[Scalar, Node], ...]:
    return tuple((fixed_scalar(key, place), _tree(value, place)) for key, value in data.items())
