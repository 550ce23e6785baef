"""From documents to one snapshot: names, bodies, links, freeze.

Inside a stage every problem is gathered; after a stage with problems the next one is not begun.
Bodies are cached per document and names of the house, so that one saved file costs one body.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bylaw.base.names import folded
from bylaw.base.place import Place
from bylaw.base.plain import digest
from bylaw.base.problem import Problem, sort_problems
from bylaw.compile.access import compile_access
from bylaw.compile.action import compile_action
from bylaw.compile.context import Context
from bylaw.compile.event import compile_event
from bylaw.compile.index import Binder
from bylaw.compile.link import Bodies, link
from bylaw.compile.outline import outline
from bylaw.compile.persona import compile_persona
from bylaw.compile.policy import compile_policy
from bylaw.compile.server import compile_server
from bylaw.compile.workflow import compile_workflow
from bylaw.model.document import Document
from bylaw.model.server import Server
from bylaw.model.snapshot import Snapshot

COMPILERS: Mapping[str, Callable[..., Any]] = {
    "workflow": compile_workflow,
    "policy": compile_policy,
    "persona": compile_persona,
    "access": compile_access,
    "action": compile_action,
    "event": compile_event,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A snapshot, or the problems that stand in its way; `context` is there once names hold."""

    snapshot: Snapshot | None
    problems: tuple[Problem, ...]
    context: Context | None = None

    @classmethod
    def failed(cls, problems: Iterable[Problem], context: Context | None = None) -> "Compiled":
        """Return what is left of a house with problems: their list."""
        return cls(snapshot=None, problems=sort_problems(problems), context=context)


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
        self._bodies: dict[int, tuple[Document, str, object | None, tuple[Problem, ...]]] = {}
        self._binder = Binder()

    def compile(self, documents: tuple[Document, ...], origin: Origin) -> Compiled:
        """Return the snapshot of these documents, or every problem that was found."""
        problems = list(_twice(documents))
        server = _server(documents, origin, problems)
        if server is None:
            return Compiled.failed(problems)
        context = outline(documents, server)
        bodies = self._compile_bodies(documents, context, problems)
        if problems:
            return Compiled.failed(problems, context)
        parts = _sorted_parts(documents, bodies)
        linked = link(parts, documents, binder=self._binder, problems=problems)
        if problems:
            return Compiled.failed(problems, context)
        snapshot = Snapshot(
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
            origins=linked.origins,
        )
        return Compiled(snapshot=snapshot, problems=(), context=context)

    def _compile_bodies(
        self, documents: Iterable[Document], context: Context, problems: list[Problem]
    ) -> list[object | None]:
        kept: dict[int, tuple[Document, str, object | None, tuple[Problem, ...]]] = {}
        for document in documents:
            # Keyed by identity: the loader gives the same object for the same file content,
            # and equal content at other positions must not share a body.
            known = self._bodies.get(id(document))
            if known is None or known[1] != context.digest:
                known = (document, context.digest, *_body(document, context))
            kept[id(document)] = known
            problems += known[3]
        self._bodies = kept
        return [body for _, _, body, _ in kept.values()]


def _body(document: Document, context: Context) -> tuple[object | None, tuple[Problem, ...]]:
    if document.kind not in COMPILERS:
        return None, ()
    found: list[Problem] = []
    body = COMPILERS[document.kind](document, context, problems=found)
    return body, tuple(found)


def _sorted_parts(documents: tuple[Document, ...], bodies: list[object | None]) -> Bodies:
    parts: dict[str, dict[str, Any]] = {kind: {} for kind in COMPILERS}
    for document, body in zip(documents, bodies, strict=True):
        if document.kind in parts:
            parts[document.kind][document.name] = body
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
