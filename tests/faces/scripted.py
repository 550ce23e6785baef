"""A door that answers from a script and remembers what it was asked, and what faces need else."""

import socket
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx2
import uvicorn
from starlette.types import ASGIApp

from bylaw.base.plain import Plain
from bylaw.faces.http.app import build_app
from bylaw.faces.mcp.endpoint import McpEndpoints
from bylaw.faces.mcp.server import run_stdio
from bylaw.faces.wire import Front
from bylaw.model.actor import Actor
from bylaw.model.endpoint import MAIN, Endpoint
from bylaw.services.answer import Answer
from bylaw.services.caller import Caller
from bylaw.services.endpoint import unknown_tool
from bylaw.services.endpoint_tool import ActionTool
from bylaw.services.frontdoor import Mistaken, open_door
from bylaw.services.gateway import finished
from bylaw.services.tools import BY_NAME

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANA = Actor(id="ana", kind="human", roles=("reviewer",))
LOCAL = Actor(id="local", kind="agent")
TOKENS = {"ana-token": ANA}
PARAMS = {
    "code-review.submit": frozenset({"branch", "title"}),
    "event.tests.finished": frozenset({"passed"}),
}
DENIED: Answer = {
    "ok": False,
    "error": "denied",
    "summary": "Not done: main is frozen.",
    "because": [{"rule": "freeze/no-merge", "at": "rules/freeze.yaml:9", "effect": "deny"}],
    "next": [
        {"tool": "run_action", "arguments": {"action": "code-review.submit"}, "why": "Try it."}
    ],
    "correlation_id": "req_1",
    "timestamp": "2026-11-20T12:00:00.000Z",
}


class ScriptedDoor:
    """Answers each tool with what the script has for it, else with what it was asked."""

    def __init__(self, script: Mapping[str, Answer | Exception] | None = None) -> None:
        self.script = dict(script or {})
        self.asked: list[tuple[str, dict[str, Plain], Caller]] = []

    async def call(self, tool: str, arguments: Mapping[str, Plain], caller: Caller) -> Answer:
        opened = open_door(BY_NAME[tool], arguments, PARAMS.get)
        if isinstance(opened, Mistaken):
            return self.mistaken(opened)
        self.asked.append((tool, dict(opened.arguments), caller))
        answer = self.script.get(tool)
        if isinstance(answer, Exception):
            raise answer
        return answer or {
            "ok": True,
            "summary": f"{caller.actor.id} asked {tool}.",
            "arguments": dict(opened.arguments),
            "repaired": list(opened.repaired),
        }

    def mistaken(self, opened: Mistaken) -> Answer:
        said = " ".join(mistake.message for mistake in opened.mistakes)
        return {"ok": False, "error": opened.error, "summary": said}

    def status(self) -> Answer:
        return {"ok": True, "snapshot": "abc", "policies": ["freeze"], "problems": []}


class OnlyMain:
    """The endpoints of a house that names none."""

    def live(self) -> Mapping[str, Endpoint]:
        return {MAIN.name: MAIN}

    def tools(self, _caller: Caller) -> tuple[ActionTool, ...]:
        return ()

    def seen(self, _endpoint: Endpoint) -> Mapping[str, tuple[ActionTool, ...]]:
        return {}

    async def call(self, name: str, _arguments: Mapping[str, Plain], caller: Caller) -> Answer:
        return finished(unknown_tool(name, caller, ()), caller, NOW)


def identify(token: str | None, *, loopback: bool) -> Actor | None:
    if token is None:
        return LOCAL if loopback else None
    return TOKENS.get(token)


def front(door: ScriptedDoor, **changed: Plain) -> Front:
    numbers = count(1)
    given: dict[str, Plain] = {
        "door": door,
        "desk": OnlyMain(),
        "identify": identify,
        "health": lambda: {"ok": True, "summary": "Well."},
        "clock": lambda: NOW,
        "new_id": lambda: f"req_{next(numbers)}",
    }
    return Front(**{**given, **changed})


@asynccontextmanager
async def nothing() -> AsyncIterator[None]:
    yield


def app_of(door: ScriptedDoor, **changed: Plain) -> ASGIApp:
    given = front(door, **changed)
    mcp = McpEndpoints(given, version="0.1.0")
    return build_app(given, mcp=mcp, lifespan=nothing, version="0.1.0")


async def speak_stdio() -> None:
    await run_stdio(front(ScriptedDoor()), ANA, version="0.1.0")


def client_of(app: ASGIApp, *, client: str = "127.0.0.1") -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app, client=(client, 5000), raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


@contextmanager
def serving(app: ASGIApp, **changed: Any) -> Iterator[str]:
    """Serve the app on a free port, in a thread of its own, until the block ends."""
    given = {"log_level": "error", "ws": "none", **changed}
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        started = threading.Event()
        server = Announced(uvicorn.Config(app, **given), started)
        thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
        thread.start()
        started.wait(timeout=20)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(timeout=20)


class Announced(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config, started: threading.Event) -> None:
        super().__init__(config)
        self._announced = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announced.set()
