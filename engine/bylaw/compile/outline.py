"""The first pass: the names of the house, before any body is compiled."""

from collections.abc import Iterable, Iterator, Mapping

from bylaw.base.node import Mapping as Tree
from bylaw.base.node import Node, Sequence, plain
from bylaw.base.plain import digest
from bylaw.compile.catalogue import built_in_actions
from bylaw.compile.context import Context, KnownAction
from bylaw.compile.workflow import outline as workflow_outline
from bylaw.model.document import Document
from bylaw.model.server import Server


def outline(documents: Iterable[Document], server: Server) -> Context:
    """Return the names of the house."""
    listed = tuple(documents)
    actions = {action.name: action for action in known_actions(listed)}
    events = {
        document.name: frozenset(fields(document.root.get("params")))
        for document in listed
        if document.kind == "event"
    }
    workflows = frozenset(document.name for document in listed if document.kind == "workflow")
    return Context(
        roles=server.roles,
        actors=frozenset(server.actors),
        actions=actions,
        events=events,
        workflows=workflows,
        vars=server.vars,
        secrets=frozenset(server.secrets),
        hosts=server.hosts,
        digest=_digest(server, actions, events),
    )


def known_actions(documents: Iterable[Document]) -> Iterator[KnownAction]:
    """Give every action of the catalogue by its names alone; declared ones come last and win."""
    for action in built_in_actions():
        yield KnownAction(
            name=action.name,
            tags=action.tags,
            params=frozenset(action.params.fields),
            required=frozenset(action.params.required),
        )
    for document in documents:
        match document.kind:
            case "workflow":
                yield from workflow_outline(document)
            case "event":
                yield _declared(document, f"event.{document.name}")
            case "action":
                yield _declared(document, document.name)
            case _:
                continue


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


def _digest(
    server: Server, actions: Mapping[str, KnownAction], events: Mapping[str, frozenset[str]]
) -> str:
    return digest(
        {
            "roles": sorted(server.roles),
            "actors": sorted(server.actors),
            "vars": server.vars,
            "secrets": sorted(server.secrets),
            "hosts": list(server.hosts),
            "events": {name: sorted(params) for name, params in events.items()},
            "actions": [_digested(action) for action in actions.values()],
        }
    )


def _digested(action: KnownAction) -> list[object]:
    params = None if action.params is None else sorted(action.params)
    return [action.name, sorted(action.tags), params, sorted(action.required)]
