"""The MCP endpoints of the live house: each a server of its own, that opens and closes alone.

A reload adds, changes and removes endpoints; a request that is under way ends where it began.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import cast

import structlog
from fastmcp.server.dependencies import get_http_request
from starlette.types import ASGIApp, Receive, Scope, Send

from bylaw.base.plain import Plain
from bylaw.faces.http.endpoint import Door
from bylaw.faces.http.reply import refused
from bylaw.faces.http.rpc import Strict
from bylaw.faces.mcp.server import GatewayServer
from bylaw.faces.wire import Front
from bylaw.model.endpoint import Endpoint
from bylaw.services.caller import Caller

log = structlog.get_logger(__name__)

# Where the app of every endpoint has its one route; clients see the path of the house.
INNER = "/mcp"
FIRST_WAIT_S, MOST_WAIT_S = 1.0, 30.0
NOT_READY = "The endpoint `{}` is not ready; the server tries again by itself."

Build = Callable[[Front, Endpoint, str], GatewayServer]


def http_caller() -> Caller:
    """Return whom the gate let through."""
    return cast("Caller", get_http_request().scope["state"]["caller"])


def build(front: Front, endpoint: Endpoint, version: str) -> GatewayServer:
    """Return the server of an endpoint."""
    return GatewayServer(front, http_caller, version, endpoint)


class Served:
    """One endpoint that is served: its app, from opening to closing.

    Its lifespan is entered and left by one task of its own, as the library needs it.
    """

    def __init__(
        self, name: str, front: Front, make: Callable[[], GatewayServer], *, retry_s: float
    ) -> None:
        """Begin to open; nothing is waited for."""
        self.name = name
        self._retry_s = retry_s
        self._front = front
        self._make = make
        self._server: GatewayServer | None = None
        self._app: ASGIApp | None = None
        self._tried = asyncio.Event()
        self._leave = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._under_way = 0
        self.problem = ""
        self.task = asyncio.create_task(self._run(), name=f"endpoint {name}")

    @property
    def state(self) -> str:
        """Return in a word how it is: `starting`, `ready` or `degraded`."""
        if self._app is not None:
            return "ready"
        return "degraded" if self._tried.is_set() else "starting"

    async def tried(self) -> None:
        """Wait until it is open, or could not be opened."""
        await self._tried.wait()

    def look(self) -> None:
        """Tell its clients if the list of its tools says something else than before."""
        if self._server is not None:
            self._server.listing.look()

    def end_streams(self) -> None:
        """End what would go on for as long as the client likes."""
        if self._server is not None:
            self._server.listing.listen.close()

    def leave(self, *, at_once: bool = False) -> None:
        """Close once nothing is under way; or at once, where nobody is waited for any more."""
        self._leave.set()
        self.end_streams()
        if at_once:
            self._idle.set()

    async def answer(self, at: Endpoint, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, which came in by this endpoint as it is at this moment."""
        self._under_way += 1
        self._idle.clear()
        try:
            await self._tried.wait()
            if self._app is None:
                await self._not_ready(scope, receive, send)
                return
            state = scope["state"]
            state["caller"] = replace(state["caller"], endpoint=at.name, at=at)
            await self._app(scope, receive, send)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def _not_ready(self, scope: Scope, receive: Receive, send: Send) -> None:
        call_id = scope["state"]["correlation_id"]
        text = NOT_READY.format(self.name)
        response = refused(self._front.refused("unavailable", text, call_id=call_id))
        await response(scope, receive, send)

    async def _run(self) -> None:
        """Hold it open until it is to leave; what does not open is tried again."""
        wait_s = self._retry_s
        while not self._leave.is_set():
            try:
                await self._hold()
            except Exception as problem:
                self._app, self._server = None, None
                self.problem = type(problem).__name__
                log.exception("endpoint not ready", endpoint=self.name)
                self._tried.set()
                await left(self._leave, wait_s)
                wait_s = min(2 * wait_s, MOST_WAIT_S)

    async def _hold(self) -> None:
        server = self._make()
        app = server.http_app(
            path=INNER, stateless_http=True, json_response=True, host_origin_protection=False
        )
        async with app.router.lifespan_context(app):
            self._server, self._app, self.problem = server, Strict(inside(app), self._front), ""
            self._tried.set()
            log.info("endpoint ready", endpoint=self.name)
            await self._leave.wait()
            await self._idle.wait()
            self._app = None


def inside(app: ASGIApp) -> ASGIApp:
    """Return an app that has its requests at one path, wherever they came in."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "path": INNER, "raw_path": INNER.encode()}, receive, send)

    return answer


async def left(event: asyncio.Event, within_s: float) -> None:
    """Wait for an event, for a while."""
    try:
        async with asyncio.timeout(within_s):
            await event.wait()
    except TimeoutError:
        return


class McpEndpoints:
    """All of them, found by their paths."""

    def __init__(
        self, front: Front, *, version: str, make: Build = build, retry_s: float = FIRST_WAIT_S
    ) -> None:
        """Serve the endpoints of the live house, once `running` is entered.

        What cannot be opened is tried again after `retry_s`, then after longer.
        """
        self._front = front
        self._version = version
        self._make = make
        self._retry_s = retry_s
        self._served: dict[tuple[Plain, ...], Served] = {}
        self._leaving: set[Served] = set()
        self._by_path: Mapping[str, ASGIApp] = {}
        self._is_open = False

    def find(self, path: str) -> ASGIApp | None:
        """Return the endpoint at exactly this path; a slash at its end is overlooked."""
        return self._by_path.get(path)

    def doors(self) -> dict[str, Door]:
        """Return how each endpoint is, by name."""
        live = self._front.desk.live()
        return {name: self._door(endpoint) for name, endpoint in live.items()}

    def _door(self, endpoint: Endpoint) -> Door:
        served = self._served.get(endpoint.introduction)
        state = served.state if served is not None else "starting"
        return Door(
            name=endpoint.name,
            path=endpoint.path,
            state=state,
            problem=served.problem if served is not None else "",
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open the endpoints one after the other, follow the house, and close them in reverse."""
        self._is_open = True
        self._front.watch(self.look)
        try:
            self.look()
            for served in list(self._served.values()):
                await served.tried()
            yield
        finally:
            self._is_open = False
            await self._close()

    def look(self) -> None:
        """Follow the live house; endpoints that stay as they are notice nothing of it."""
        if not self._is_open:
            return
        live = self._front.desk.live()
        wanted = {endpoint.introduction: endpoint for endpoint in live.values()}
        for served in self._served.values():
            served.look()
        for key in self._served.keys() - wanted.keys():
            self._retire(self._served.pop(key))
        for key, endpoint in wanted.items():
            if key not in self._served:
                self._served[key] = self._open(endpoint)
        self._by_path = dict(self._paths(live))

    def end_streams(self) -> None:
        """End what would otherwise hold up the end of the server."""
        for served in self._served.values():
            served.end_streams()

    def _open(self, endpoint: Endpoint) -> Served:
        def make() -> GatewayServer:
            return self._make(self._front, endpoint, self._version)

        return Served(endpoint.name, self._front, make, retry_s=self._retry_s)

    def _retire(self, served: Served) -> None:
        served.leave()
        self._leaving.add(served)
        served.task.add_done_callback(lambda _task: self._leaving.discard(served))

    def _paths(self, live: Mapping[str, Endpoint]) -> Iterator[tuple[str, ASGIApp]]:
        for endpoint in live.values():
            app = entrance(self._served[endpoint.introduction], endpoint)
            yield endpoint.path, app
            yield f"{endpoint.path}/", app

    async def _close(self) -> None:
        for served in reversed([*self._leaving, *self._served.values()]):
            served.leave(at_once=True)
            await served.task


def entrance(served: Served, at: Endpoint) -> ASGIApp:
    """Return the app at the path of an endpoint, as the house has the endpoint now."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await served.answer(at, scope, receive, send)

    return answer
