"""`bylaw.yaml`: the only document that may name the environment."""

import hashlib
from collections.abc import Mapping

from bylaw.base.duration import parse_duration
from bylaw.base.names import did_you_mean
from bylaw.base.node import Mapping as Tree
from bylaw.base.node import Node, Scalar, Sequence, plain
from bylaw.base.plain import Plain
from bylaw.base.problem import Problem
from bylaw.load.environment import Missing, substitute
from bylaw.model.actor import Actor
from bylaw.model.document import Document
from bylaw.model.server import KnownActor, Secret, Server

LOCAL = Actor(id="local", kind="agent")
DEFAULT_STORE = "sqlite:///.bylaw/bylaw.db"
DEFAULT_DEBOUNCE = "50ms"


def compile_server(
    document: Document, environ: Mapping[str, str], *, problems: list[Problem]
) -> Server | None:
    """Return what the document says with the environment filled in.

    A variable that is not set and has no default is a problem at its place.
    """
    before = len(problems)
    read = Reader(document.root, environ, problems)
    roles = frozenset(read.section("roles") or ())
    actors = _actors(read, roles)
    server = Server(
        name=document.name,
        description=read.text("description"),
        host=read.text("listen", "host", default="127.0.0.1"),
        port=read.value("listen", "port", default=8000),
        store_url=read.text("store", "url", default=DEFAULT_STORE),
        debounce_ms=_milliseconds(read.text("reload", "debounce", default=DEFAULT_DEBOUNCE)),
        roles=roles,
        actors=actors,
        local=_identity(read, "local", roles),
        vars=read.section("vars") or {},
        hosts=tuple(read.value("http", "hosts", default=())),
        secrets={name: Secret(value) for name, value in (read.section("secrets") or {}).items()},
        place=document.place,
    )
    return server if len(problems) == before else None


class Reader:
    """Reads values of the document by path, with the environment filled in."""

    def __init__(self, root: Tree, environ: Mapping[str, str], problems: list[Problem]) -> None:
        """Read from `root`; variables that are not set go to `problems`."""
        self._root = root
        self._environ = environ
        self.problems = problems

    def node(self, *path: str) -> Node | None:
        """Return the node at a path of keys."""
        node: Node | None = self._root
        for key in path:
            node = node.get(key) if isinstance(node, Tree) else None
        return node

    def value(self, *path: str, default: Plain) -> Plain:
        """Return the value at a path, or the default."""
        node = self.node(*path)
        return default if node is None else self.filled(node)

    def text(self, *path: str, default: str = "") -> str:
        """Return the text at a path, or the default."""
        return str(self.value(*path, default=default))

    def section(self, name: str) -> Plain:
        """Return a whole section, or nothing."""
        node = self.node(name)
        return None if node is None else self.filled(node)

    def filled(self, node: Node) -> Plain:
        """Return a node's value with every `${NAME}` filled in."""
        match node:
            case Scalar(value=str() as text):
                return self._filled_text(text, node)
            case Scalar():
                return node.value
            case Sequence():
                return [self.filled(item) for item in node.items]
            case Tree():
                return {key.value: self.filled(value) for key, value in node.entries}

    def _filled_text(self, text: str, node: Scalar) -> str:
        found = substitute(text, self._environ)
        if not isinstance(found, Missing):
            return found
        self.problems.append(
            Problem(
                node.place,
                "environment",
                f"the environment variable `{found.name}` is not set",
                f"set it, or give a default: `${{{found.name}:-…}}`",
            )
        )
        return ""


def _milliseconds(text: str) -> int:
    duration = parse_duration(text)
    return 50 if duration is None else int(duration.total_seconds() * 1000)


def _actors(read: Reader, roles: frozenset[str]) -> dict[str, KnownActor]:
    section = read.node("actors")
    if not isinstance(section, Tree):
        return {}
    known = {
        key.value: _actor(read, key, value, roles)
        for key, value in section.entries
        if isinstance(value, Tree)
    }
    _check_works_for(read, section, known)
    _check_tokens(read, section, known)
    return known


def _actor(read: Reader, key: Scalar, node: Tree, roles: frozenset[str]) -> KnownActor:
    said = read.filled(node)
    _check_roles(read, node, roles)
    token = str(said.get("token") or "")
    actor = Actor(
        id=key.value,
        kind=said["kind"],
        roles=tuple(said.get("roles", ())),
        works_for=said.get("works_for"),
    )
    return KnownActor(actor=actor, token_sha256=hash_token(token) if token else None)


def hash_token(token: str) -> str:
    """Return what is kept of a token: its SHA-256. Tokens are random, so no salt is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _identity(read: Reader, name: str, roles: frozenset[str]) -> Actor:
    node = read.node(name)
    if not isinstance(node, Tree):
        return LOCAL
    _check_roles(read, node, roles)
    said = read.filled(node)
    works_for = said.get("works_for") or None
    return Actor(id=name, kind="agent", roles=tuple(said.get("roles", ())), works_for=works_for)


def _check_roles(read: Reader, node: Tree, roles: frozenset[str]) -> None:
    listed = node.get("roles")
    for item in listed.items if isinstance(listed, Sequence) else ():
        word = plain(item)
        if word not in roles:
            hint = did_you_mean(str(word), roles) or "add it to `roles`"
            text = f"the role `{word}` is not one of `roles`"
            read.problems.append(Problem(item.place, "unknown-ref", text, hint))


def _check_works_for(read: Reader, section: Tree, known: Mapping[str, KnownActor]) -> None:
    for name, entry in known.items():
        boss = entry.actor.works_for
        if boss is not None and boss not in known:
            node = section.get(name)
            place = node.place if node is not None else section.place
            text = f"`{name}` works for `{boss}`, who is not one of `actors`"
            read.problems.append(
                Problem(place, "unknown-ref", text, did_you_mean(boss, known) or "add the person")
            )


def _check_tokens(read: Reader, section: Tree, known: Mapping[str, KnownActor]) -> None:
    seen: dict[str, str] = {}
    for name, entry in known.items():
        if entry.token_sha256 is None:
            continue
        other = seen.setdefault(entry.token_sha256, name)
        if other != name:
            text = f"`{name}` and `{other}` have the same token, so nobody could tell them apart"
            read.problems.append(
                Problem(
                    section.key(name).place, "same-token", text, "give each a token of its own"
                )
            )
