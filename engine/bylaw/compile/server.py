"""`bylaw.yaml`: the only document that may name the environment."""

from collections.abc import Mapping

from bylaw.base.duration import parse_duration
from bylaw.base.problem import Problem
from bylaw.compile.actor import compile_actors, compile_local
from bylaw.compile.environment import Reader
from bylaw.model.document import Document
from bylaw.model.server import Secret, Server

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
    actors = compile_actors(read, roles)
    server = Server(
        name=document.name,
        description=read.text("description"),
        host=read.text("listen", "host", default="127.0.0.1"),
        port=read.value("listen", "port", default=8000),
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


def _milliseconds(text: str) -> int:
    duration = parse_duration(text)
    return 50 if duration is None else int(duration.total_seconds() * 1000)
