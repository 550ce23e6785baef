"""The first pass: the names of the house, before any body is compiled."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from bylaw.base.node import Mapping as Tree
from bylaw.base.node import Node, Sequence, plain
from bylaw.base.plain import digest
from bylaw.compile.catalogue import built_in_actions
from bylaw.compile.context import Context, KnownAction
from bylaw.compile.workflow import outline as workflow_outline
from bylaw.model.document import Document
from bylaw.model.server import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlined:
    """The names that one document brings, and their digest."""

    document: Document
    actions: tuple[KnownAction, ...]
    digest: str


class Outliner:
    """Gathers the names of a house again and again; keeps those of documents that did not change.

    Documents are known by identity, as the compiler knows them.
    """

    def __init__(self) -> None:
        """Begin with no names."""
        self._outlined: dict[int, Outlined] = {}
        self._last: Context | None = None

    def outline(self, documents: Iterable[Document], server: Server) -> Context:
        """Return the names of the house: the same object for the same names."""
        listed = [document for document in documents if document.kind in KINDS]
        self._outlined = {id(one): self._known(one) for one in listed}
        names = self._outlined.values()
        fixed = _digest_of_server(server)
        whole = digest([fixed, *(one.digest for one in names)])
        if self._last is None or self._last.digest != whole:
            self._last = _context(names, server, fixed=fixed, whole=whole)
        return self._last

    def _known(self, document: Document) -> Outlined:
        return self._outlined.get(id(document)) or outlined(document)


def _context(names: Iterable[Outlined], server: Server, *, fixed: str, whole: str) -> Context:
    listed = [one.document for one in names]
    actions = {action.name: action for action in _built_in()}
    actions |= {action.name: action for one in names for action in one.actions}
    events = {
        document.name: frozenset(fields(document.root.get("params")))
        for document in listed
        if document.kind == "event"
    }
    return Context(
        roles=server.roles,
        actors=frozenset(server.actors),
        actions=actions,
        events=events,
        workflows=frozenset(one.name for one in listed if one.kind == "workflow"),
        vars=server.vars,
        secrets=frozenset(server.secrets),
        hosts=server.hosts,
        digest=whole,
        fixed=fixed,
    )


def outlined(document: Document) -> Outlined:
    """Return the names that a document brings."""
    actions = KINDS[document.kind](document)
    said = [document.kind, document.name, *(_digested(action) for action in actions)]
    return Outlined(document=document, actions=actions, digest=digest(said))


@cache
def _built_in() -> tuple[KnownAction, ...]:
    """Return the built-in actions by their names alone; declared ones win over them."""
    return tuple(
        KnownAction(
            name=action.name,
            tags=action.tags,
            params=frozenset(action.params.fields),
            required=frozenset(action.params.required),
        )
        for action in built_in_actions()
    )


def fields(params: Node | None) -> tuple[str, ...]:
    """Return the names of the fields of a `params` map."""
    return tuple(str(key.value) for key, _ in params.entries) if isinstance(params, Tree) else ()


def _declared(document: Document, name: str) -> KnownAction:
    params = document.root.get("params")
    return KnownAction(
        name=name,
        tags=_tags(document.root),
        params=frozenset(fields(params)),
        required=frozenset(_required(params)),
    )


def _required(params: Node | None) -> Iterator[str]:
    for key, schema in params.entries if isinstance(params, Tree) else ():
        if isinstance(schema, Tree) and schema.get("default") is None:
            yield str(key.value)


def _tags(root: Tree) -> frozenset[str]:
    listed = root.get("tags")
    tags = {str(plain(item)) for item in listed.items} if isinstance(listed, Sequence) else set()
    destructive = root.get("destructive")
    if destructive is not None and plain(destructive) is True:
        tags.add("destructive")
    return frozenset(tags)


def _digest_of_server(server: Server) -> str:
    return digest(
        {
            "roles": sorted(server.roles),
            "actors": sorted(server.actors),
            "vars": server.vars,
            "secrets": sorted(server.secrets),
            "hosts": list(server.hosts),
        }
    )


def _digested(action: KnownAction) -> list[object]:
    params = None if action.params is None else sorted(action.params)
    return [action.name, sorted(action.tags), params, sorted(action.required)]


# Which documents bring names, and how they say them.
KINDS: Mapping[str, Callable[[Document], tuple[KnownAction, ...]]] = {
    "workflow": workflow_outline,
    "event": lambda document: (_declared(document, f"event.{document.name}"),),
    "action": lambda document: (_declared(document, document.name),),
}
