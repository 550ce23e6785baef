"""Serving over HTTP and over standard input and output, from settings to a clean end."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from types import FrameType

import uvicorn
import uvloop
from uvicorn.server import HANDLED_SIGNALS

from bylaw.adapters.log import configure_log
from bylaw.app import clock
from bylaw.app.commands import loader_of
from bylaw.app.lifespan import Opened, opened
from bylaw.app.settings import Settings
from bylaw.app.wiring import VERSION, redactor_of
from bylaw.background.aside import settle
from bylaw.background.reload import Loader
from bylaw.base.errors import ConfigurationError
from bylaw.compile.house import Compiled
from bylaw.faces.http.app import build_app
from bylaw.faces.http.connection import bounds_here, connections
from bylaw.faces.mcp.endpoint import McpEndpoints
from bylaw.faces.mcp.server import run_stdio
from bylaw.faces.wire import Front
from bylaw.model.server import Server
from bylaw.services.moment import iso

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Served(uvicorn.Server):
    """A server that ends on a signal and no more.

    uvicorn sends itself the signal again when it is done, which would end the process before
    jobs are told to stop and the store is closed.
    """

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None]) -> None:
        """Serve; `end_streams` ends the answers that go on until somebody ends them."""
        super().__init__(config)
        self._end_streams = end_streams

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop: a client that listens is not waited for."""
        super().handle_exit(sig, frame)
        self._end_streams()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at the first signal, at once at the second."""
        loop = asyncio.get_running_loop()
        for one in HANDLED_SIGNALS:
            loop.add_signal_handler(one, self.handle_exit, one, None)
        try:
            yield
        finally:
            for one in HANDLED_SIGNALS:
                loop.remove_signal_handler(one)


def serve(settings: Settings) -> None:
    """Serve the house over MCP and REST until the process is told to stop.

    Raises:
        ContentError: the house has problems.
        ConfigurationError: a setting cannot be used, the port is taken.
        StoreUnavailable: the database is not there.
    """
    loader, compiled = _prepared(settings)
    _run(_serve(settings, loader, compiled))


def serve_stdio(settings: Settings) -> None:
    """Serve one MCP client on standard input and output until it leaves.

    Raises:
        ContentError: the house has problems.
        StoreUnavailable: the database is not there.
    """
    loader, compiled = _prepared(settings)
    _run(_serve_stdio(settings, loader, compiled))


def _prepared(settings: Settings) -> tuple[Loader, Compiled]:
    loader = loader_of(settings)
    compiled = loader.load()
    configure_log(settings, redactor_of(compiled.snapshot))
    return loader, compiled


def _run(main: Coroutine[None, None, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


async def _serve(settings: Settings, loader: Loader, compiled: Compiled) -> None:
    async with _opened(settings, loader, compiled) as running:
        server = running.wired.house.snapshots.live.server
        host = settings.host or server.host
        port = server.port if settings.port is None else settings.port
        front = front_of(running, hosts=() if host in LOOPBACK else (host,))
        mcp = McpEndpoints(front, version=VERSION)
        app = build_app(front, mcp=mcp, lifespan=nullcontext, version=VERSION)
        config = uvicorn.Config(
            app,
            http=connections(front, bounds_here()),
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="on",
            server_header=False,
            timeout_graceful_shutdown=settings.shutdown_s,
        )
        with listening(host, port) as sock:
            print(banner(server, loader, running, sock), flush=True)
            await Served(config, mcp.end_streams).serve(sockets=[sock])


async def _serve_stdio(settings: Settings, loader: Loader, compiled: Compiled) -> None:
    async with _opened(settings, loader, compiled) as running:
        actor = running.wired.house.snapshots.live.server.local
        await run_stdio(front_of(running), actor, version=VERSION)


@asynccontextmanager
async def _opened(settings: Settings, loader: Loader, compiled: Compiled) -> AsyncIterator[Opened]:
    async with opened(
        loader,
        compiled,
        store_url=settings.store_url,
        store_folder=settings.store_folder(),
        shutdown_s=settings.shutdown_s,
    ) as running:
        # From here on the log masks what a reload brings, too.
        configure_log(settings, running.wired.house.journal.redactor)
        settle()
        yield running


def front_of(running: Opened, *, hosts: tuple[str, ...] = ()) -> Front:
    """Return what the faces are given."""
    wired = running.wired
    return Front(
        door=wired.gateway,
        desk=wired.endpoints,
        identify=wired.identities,
        health=wired.status.health,
        about=lambda: wired.house.snapshots.live.server.description,
        watch=wired.house.snapshots.watch,
        clock=clock.now,
        new_id=clock.new_call_id,
        hosts=hosts,
    )


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        ConfigurationError: the port is taken, or the host is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = "is taken" if taken else "cannot be listened on"
        hint = "set BYLAW_PORT to another one" if taken else "check BYLAW_HOST and BYLAW_PORT"
        raise ConfigurationError(f"`{host}:{port}` {why}; {hint}") from error


def pin_lines(running: Opened) -> list[str]:
    """Return what the first lines say of a pin, if one holds."""
    pinned = running.wired.house.snapshots.pinned
    if pinned is None:
        return []
    pin = pinned.pin
    return [f"{pin.digest[:12]} since {iso(pin.at)} by {pin.by}, whatever the files say"]


def many(count: int, word: str) -> str:
    """Return a count with its word, such as `1 workflow` and `4 policies`."""
    return f"{count} {word if count == 1 else f'{word}s'.replace('ys', 'ies')}"


def banner(server: Server, loader: Loader, running: Opened, sock: socket.socket) -> str:
    """Return the lines that say what is served and where."""
    host, port = sock.getsockname()[:2]
    base = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    live = running.wired.house.snapshots.live
    return "\n".join(
        (
            f"Bylaw {VERSION} serves the house `{server.name}` from {loader.root}",
            f"  {many(len(live.workflows), 'workflow')}, {many(len(live.policies), 'policy')}",
            *(f"  pinned  {line}" for line in pin_lines(running)),
            f"  store   {running.wired.house.store.kind}",
            *(f"  MCP     {base}{one.path}" for one in live.endpoints.values()),
            f"  REST    {base}/actions",
            f"  docs    {base}/docs",
            f"  health  {base}/health",
        )
    )
