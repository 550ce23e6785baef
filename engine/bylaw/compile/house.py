"""From documents to one snapshot: names, bodies, links, freeze.

Inside a stage every problem is gathered; after a stage with problems the next one is not begun.
Bodies are cached per document and the names that it asked for, so that one saved file costs one
body, and a new action those bodies that it concerns.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bylaw.base.names import folded
from bylaw.base.place import Place
from bylaw.base.plain import digest
from bylaw.base.problem import Problem, sort_problems
from bylaw.compile.access import compile_access
from bylaw.compile.action import compile_action
from bylaw.compile.context import Context, Notes, noting
from bylaw.compile.endpoint import Names, compile_endpoints
from bylaw.compile.environment import Reader
from bylaw.compile.event import compile_event
from bylaw.compile.index import Binder
from bylaw.compile.link import Bodies, Linked, link
from bylaw.compile.outline import Outliner
from bylaw.compile.persona import compile_persona
from bylaw.compile.policy import compile_policy
from bylaw.compile.server import compile_server
from bylaw.compile.test import compile_test
from bylaw.compile.workflow import compile_workflow
from bylaw.load.house import SourceFile
from bylaw.model.document import Document
from bylaw.model.endpoint import Endpoint
from bylaw.model.server import Server
from bylaw.model.snapshot import Snapshot
from bylaw.model.test import Suite

COMPILERS: Mapping[str, Callable[..., Any]] = {
    "workflow": compile_workflow,
    "policy": compile_policy,
    "persona": compile_persona,
    "access": compile_access,
    "action": compile_action,
    "event": compile_event,
    "test": compile_test,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A snapshot, or the problems that stand in its way; `context` is there once names hold.

    The house's own tests stand beside it: nothing of them is live, and what is wrong with them
    (`of_tests`) keeps nothing else from it. `sources` are the files that it was made of, for the
    store to keep.
    """

    snapshot: Snapshot | None
    problems: tuple[Problem, ...]
    context: Context | None = None
    tests: tuple[Suite, ...] = ()
    of_tests: tuple[Problem, ...] = ()
    sources: tuple[SourceFile, ...] = field(default=(), repr=False)

    @classmethod
    def failed(
        cls,
        problems: Iterable[Problem],
        context: Context | None = None,
        of_tests: Iterable[Problem] = (),
    ) -> "Compiled":
        """Return what is left of a house with problems: their list."""
        said, tests_said = sort_problems(problems), sort_problems(of_tests)
        return cls(snapshot=None, problems=said, context=context, of_tests=tests_said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a document was compiled to, what is wrong with it, and what it asked of the names."""

    document: Document
    names: str
    fixed: str
    notes: Notes
    body: Any
    problems: tuple[Problem, ...]

    def holds(self, names: Context) -> bool:
        """Say whether these names would make the same of the document."""
        same = names.digest == self.names
        return same or (names.fixed == self.fixed and self.notes.hold(names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a snapshot is made at: the environment, the commit, the moment."""

    environ: Mapping[str, str]
    git_commit: str | None
    now: datetime
    scope: str = "main"


class Compiler:
    """Compiles a house again and again; keeps the bodies of documents that did not change."""

    def __init__(self) -> None:
        """Begin with nothing compiled."""
        self._bodies: dict[int, Body] = {}
        self._binder = Binder()
        self._outliner = Outliner()

    def compile(self, documents: tuple[Document, ...], origin: Origin) -> Compiled:
        """Return the snapshot of these documents, or every problem that was found."""
        content = tuple(document for document in documents if document.kind != "test")
        tests = tuple(document for document in documents if document.kind == "test")
        problems = list(_twice(content))
        server = _server(content, origin, problems)
        if server is None:
            return Compiled.failed(problems)
        context = self._outliner.outline(content, server)
        bodies = self._compile_bodies(documents, context)
        problems += _problems_of(bodies, content)
        of_tests = (*_twice(tests), *_problems_of(bodies, tests))
        if problems:
            return Compiled.failed(problems, context, of_tests)
        parts = _sorted_parts(content, bodies)
        linked = link(parts, content, binder=self._binder, problems=problems)
        endpoints = _endpoints(content, linked, context, origin=origin, problems=problems)
        if problems:
            return Compiled.failed(problems, context, of_tests)
        return Compiled(
            snapshot=_snapshot(linked, content, server, endpoints=endpoints, origin=origin),
            problems=(),
            context=context,
            tests=_suites(bodies, tests),
            of_tests=sort_problems(of_tests),
        )

    def _compile_bodies(
        self, documents: Iterable[Document], context: Context
    ) -> Mapping[int, Body]:
        """Return the bodies of the documents.

        Keyed by identity: the loader gives the same object for the same file content, and equal
        content at other positions must not share a body.
        """
        kept: dict[int, Body] = {}
        for document in documents:
            known = self._bodies.get(id(document))
            if known is None or not known.holds(context):
                known = _body(document, context)
            kept[id(document)] = known
        self._bodies = kept
        return kept


def _endpoints(
    documents: tuple[Document, ...],
    linked: Linked,
    context: Context,
    *,
    origin: Origin,
    problems: list[Problem],
) -> dict[str, Endpoint]:
    root = next(document.root for document in documents if document.kind == "server")
    read = Reader(root, origin.environ, problems)
    return compile_endpoints(read, Names(linked=linked, context=context))


def _snapshot(
    linked: Linked,
    documents: tuple[Document, ...],
    server: Server,
    *,
    endpoints: Mapping[str, Endpoint],
    origin: Origin,
) -> Snapshot:
    return Snapshot(
        digest=_digest(documents),
        scope=origin.scope,
        git_commit=origin.git_commit,
        compiled_at=origin.now,
        server=server,
        documents=documents,
        actions=linked.actions,
        events=linked.events,
        workflows=linked.workflows,
        policies=linked.policies,
        rules=linked.rules,
        personas=linked.personas,
        modes=linked.modes,
        endpoints=endpoints,
        origins=linked.origins,
    )


def _body(document: Document, context: Context) -> Body:
    found: list[Problem] = []
    body = None
    noted, notes = noting(context)
    if document.kind in COMPILERS:
        body = COMPILERS[document.kind](document, noted, problems=found)
    notes.close()
    return Body(
        document=document,
        names=context.digest,
        fixed=context.fixed,
        notes=notes,
        body=body,
        problems=tuple(found),
    )


def _problems_of(bodies: Mapping[int, Body], documents: tuple[Document, ...]) -> Iterable[Problem]:
    return [problem for document in documents for problem in bodies[id(document)].problems]


def _suites(bodies: Mapping[int, Body], tests: tuple[Document, ...]) -> tuple[Suite, ...]:
    """Return the tests that have no problem of their own."""
    found = (bodies[id(document)].body for document in tests)
    return tuple(suite for suite in found if suite is not None)


def _sorted_parts(documents: tuple[Document, ...], bodies: Mapping[int, Body]) -> Bodies:
    parts: dict[str, dict[str, Any]] = {kind: {} for kind in COMPILERS}
    for document in documents:
        if document.kind in parts:
            parts[document.kind][document.name] = bodies[id(document)].body
    return Bodies(
        workflows=parts["workflow"],
        policies=parts["policy"],
        personas=parts["persona"],
        modes=parts["access"],
        actions=parts["action"],
        events=parts["event"],
    )


def _server(
    documents: tuple[Document, ...], origin: Origin, problems: list[Problem]
) -> Server | None:
    servers = [document for document in documents if document.kind == "server"]
    if not servers:
        hint = "write `bylaw: 1`, `kind: server` and `name:` into it, or run `bylaw init`"
        problems.append(
            Problem(Place("bylaw.yaml"), "no-server", "there is no `bylaw.yaml`", hint)
        )
        return None
    return compile_server(servers[0], origin.environ, problems=problems)


def _twice(documents: tuple[Document, ...]) -> Iterable[Problem]:
    first: dict[tuple[str, str], Document] = {}
    for document in documents:
        name = "" if document.kind == "server" else folded(document.name)
        other = first.setdefault((document.kind, name), document)
        if other is not document:
            yield _named_twice(document, other)


def _named_twice(document: Document, other: Document) -> Problem:
    if document.kind == "server":
        text = f"a house has one server; `{other.name}` stands in {other.place.short}"
        return Problem(document.place, "duplicate", text, "keep one of them, in `bylaw.yaml`")
    text = f"the {document.kind} `{document.name}` is already there in {other.place.short}"
    if document.name != other.name:
        text += f" as `{other.name}`; `-` and `_` are alike"
    return Problem(document.place, "duplicate", text, "give one of them another name")


def _digest(documents: tuple[Document, ...]) -> str:
    return digest(sorted([document.ref, document.digest] for document in documents))
