"""`bylaw.yaml`: the only document that may name the environment."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from bylaw.base.duration import parse_duration
from bylaw.base.node import Mapping as Tree
from bylaw.base.node import Scalar
from bylaw.base.plain import Plain
from bylaw.base.problem import Problem
from bylaw.compile.actor import compile_actors, compile_local
from bylaw.compile.environment import Reader
from bylaw.load.house import SERVER_FILE, SourceFile
from bylaw.load.yaml import read_trees
from bylaw.model.document import Document
from bylaw.model.server import Secret, Server, Station

DEFAULT_STORE = "sqlite:///.bylaw/bylaw.db"
DEFAULT_DEBOUNCE = "50ms"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
# A section from its key to the next one.
SECTION = re.compile(rb"^(?:kind|listen|store|reload):.*(?:\n(?:[ \t#].*|\r?$))*", re.MULTILINE)


def compile_server(
    document: Document, environ: Mapping[str, str], *, problems: list[Problem]
) -> Server | None:
    """Return what the document says with the environment filled in.

    A variable that is not set and has no default is a problem at its place.
    """
    before = len(problems)
    read = Reader(document.root, environ, problems)
    roles = frozenset(read.section("roles") or ())
    actors = compile_actors(read, roles)
    server = Server(
        name=document.name,
        description=read.text("description"),
        host=read.text("listen", "host", default=DEFAULT_HOST),
        port=read.value("listen", "port", default=DEFAULT_PORT),
        store_url=read.text("store", "url", default=DEFAULT_STORE),
        debounce_ms=_milliseconds(read.text("reload", "debounce", default=DEFAULT_DEBOUNCE)),
        roles=roles,
        actors=actors,
        local=compile_local(read, roles, actors),
        vars=read.section("vars") or {},
        hosts=tuple(read.value("http", "hosts", default=())),
        secrets={name: Secret(value) for name, value in (read.section("secrets") or {}).items()},
        place=document.place,
    )
    return server if len(problems) == before else None


def find_station(files: Iterable[SourceFile], environ: Mapping[str, str]) -> Station:
    """Return where to listen and to keep the state, from what can be read of a broken house.

    The address of the store is empty where it names a variable that is not set.
    """
    taken = tuple(files)
    sections = [replace(file, content=_sections(file)) for file in taken]
    for file in (*taken, *sections):
        for found in read_trees(file.content, file=file.path)[0]:
            if found.root is not None and _is_server(found.root):
                return _station(found.root, environ, is_whole=file in taken)
    return Station()


def _sections(file: SourceFile) -> bytes:
    """Return of a `bylaw.yaml` the sections that matter, in case another one breaks it off."""
    if file.path != SERVER_FILE:
        return b""
    return b"\n".join(SECTION.findall(file.content))


def _is_server(root: Tree) -> bool:
    kind = root.get("kind")
    return isinstance(kind, Scalar) and kind.value == "server"


def _station(root: Tree, environ: Mapping[str, str], *, is_whole: bool) -> Station:
    """Return what a document says; of one that broke off nobody knows what it did not reach."""

    def said(*path: str, default: Plain) -> Plain:
        problems: list[Problem] = []
        value = Reader(root, environ, problems).value(*path, default=default if is_whole else None)
        if problems:
            return ""
        return value if type(value) is type(default) else None

    debounce = said("reload", "debounce", default=DEFAULT_DEBOUNCE)
    return Station(
        host=said("listen", "host", default=DEFAULT_HOST) or None,
        port=said("listen", "port", default=DEFAULT_PORT),
        store_url=said("store", "url", default=DEFAULT_STORE),
        debounce_ms=_milliseconds(debounce) if debounce else None,
    )


def _milliseconds(text: str) -> int:
    duration = parse_duration(text)
    return 50 if duration is None else int(duration.total_seconds() * 1000)
