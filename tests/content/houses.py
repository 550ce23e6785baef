"""The shipped house, compiled as it stands or with other documents beside it."""

from datetime import UTC, datetime
from functools import cache

from bylaw.base.problem import Problem
from bylaw.compile.house import Compiled, Compiler, Origin
from bylaw.load.document import load_documents
from bylaw.load.house import read_house
from bylaw.model.actor import Actor
from bylaw.model.document import Document
from bylaw.model.snapshot import Snapshot
from tests.docs.pages import ROOT

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
ORIGIN = Origin(environ={}, git_commit=None, now=NOW)


def documents(text: str, *, file: str) -> tuple[Document, ...]:
    """Return the documents of a text; it has no problems."""
    loaded = load_documents(text.encode(), file=file)
    assert said(loaded.problems) == []
    return loaded.documents


def shipped() -> tuple[Document, ...]:
    """Return the documents of the house that this repository ships."""
    house = read_house(ROOT)
    assert said(house.problems) == []
    texts = ((source.content.decode(), source.path) for source in house.files)
    return tuple(document for text, path in texts for document in documents(text, file=path))


def compiled(*more: Document) -> Compiled:
    """Compile the shipped house with other documents; one that is a server takes its place."""
    server = any(document.kind == "server" for document in more)
    kept = [one for one in shipped() if not (server and one.kind == "server")]
    return Compiler().compile((*kept, *more), ORIGIN)


def said(problems: tuple[Problem, ...]) -> list[str]:
    """Return the problems as a person reads them."""
    return [str(problem) for problem in problems]


@cache
def snapshot() -> Snapshot:
    """Return the snapshot of the shipped house."""
    found = compiled()
    assert said(found.problems) == []
    assert found.snapshot is not None
    return found.snapshot


def actor(name: str) -> Actor:
    """Return an actor of the shipped house."""
    return snapshot().server.actors[name].actor
