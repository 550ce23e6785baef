"""A server on this machine that houses under test call, and small houses that call it."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

from bylaw.services.answer import Answer
from tests.running import Running, running

T = TypeVar("T")

PATIENCE_S = 20.0
LOOKS_EVERY_S = 0.02

SERVER = """\
bylaw: 1
kind: server
name: small
roles: [dev]
actors:
  ana: {kind: human, roles: [dev]}
  bob: {kind: human, roles: []}
http: {hosts: [127.0.0.1]}
vars: {outside: "http://127.0.0.1:PORT"}
secrets: {KEY: "hunter2-hunter2"}
"""
ACCESS = """\
kind: access
name: everything
description: Everything, for the tests.
allow: ["*"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One request as it came in."""

    method: str
    path: str
    key: str
    body: Any


@dataclass(slots=True)
class Outside:
    """Answers with the statuses of its script, then with 200; keeps what it heard.

    A status of 0 ends the connection without an answer. While `open` is not set, it holds
    every request up.
    """

    port: int = 0
    script: list[int] = field(default_factory=list)
    answer: Any = field(default_factory=lambda: {"run": "r1"})
    heard: list[Heard] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)

    @property
    def paths(self) -> list[str]:
        """Return the paths that were asked for, in order."""
        return [one.path for one in self.heard]


@contextmanager
def listening() -> Iterator[Outside]:
    """Open the outside, and close it in the end."""
    outside = Outside()
    outside.open.set()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length) or b"null")
            key = self.headers.get("Idempotency-Key", "")
            status = outside.script.pop(0) if outside.script else 200
            outside.heard.append(Heard(method="POST", path=self.path, key=key, body=body))
            outside.open.wait(PATIENCE_S)
            if status:
                self._say(status)

        def _say(self, status: int) -> None:
            good = status == 200
            text = json.dumps(outside.answer if good else {"error": "it is out of order"})
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Listening(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Say nothing of callers that are gone."""

    with Listening(("127.0.0.1", 0), Answering) as server:
        outside.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield outside
        finally:
            outside.open.set()
            server.shutdown()
            thread.join()


def write_house(folder: Path, documents: str, *, port: int = 0) -> Path:
    """Write a small house with these documents."""
    for name in ("rules", "workflows", "personas"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "bylaw.yaml").write_text(SERVER.replace("PORT", str(port)))
    (folder / "rules" / "access.yaml").write_text(ACCESS)
    (folder / "rules" / "all.yaml").write_text(documents)
    return folder


@asynccontextmanager
async def small(
    folder: Path, documents: str, *, store_url: str, port: int = 0
) -> AsyncIterator[Running]:
    """Open a Bylaw over a small house."""
    async with running(write_house(folder, documents, port=port), store_url) as bylaw:
        yield bylaw


async def until(look: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
    """Look again and again until something holds, and return what was seen."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            seen = await look()
            if holds(seen):
                return seen
            await asyncio.sleep(LOOKS_EVERY_S)


async def state_of(bylaw: Running, instance: str, state: str) -> Answer:
    """Wait until an instance stands in a state, and return the answer about it."""

    async def look() -> Answer:
        return await bylaw.ask("ana", "get_workflow_state", instance=instance, history=True)

    return await until(look, lambda answer: answer.get("state") == state)
