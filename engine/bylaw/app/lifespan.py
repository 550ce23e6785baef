"""Opens everything in order and closes it in reverse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from bylaw.adapters.http_call import HttpCaller
from bylaw.adapters.jobs.worker import DRAIN_S
from bylaw.app.wiring import Wired, wire
from bylaw.background.housekeeping import Housekeeping
from bylaw.background.jobs import jobs_of
from bylaw.background.reload import Loader, Reload
from bylaw.background.supervision import Work, ended, keep_running, rest
from bylaw.base.errors import ContentError, StoreUnavailable
from bylaw.compile.house import Compiled
from bylaw.store.store import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A running Bylaw: its parts, and the event that ends its background work."""

    wired: Wired
    reload: Reload
    stop: asyncio.Event


def first_load(loader: Loader) -> Compiled:
    """Return the house as it is at start.

    Raises:
        ContentError: it has problems; there is no last good snapshot to fall back on.
    """
    compiled = loader.load()
    if compiled.snapshot is None:
        raise ContentError(compiled.problems)
    return compiled


@asynccontextmanager
async def opened(
    loader: Loader,
    compiled: Compiled,
    *,
    store_url: str | None = None,
    shutdown_s: float = DRAIN_S,
) -> AsyncIterator[Opened]:
    """Open the store, calls, jobs and background work around a compiled house.

    In the end what is under way in the background gets `shutdown_s` to finish.
    """
    first = compiled.snapshot
    if first is None:
        raise ContentError(compiled.problems)
    async with (
        Store.open(store_url or first.server.store_url) as store,
        HttpCaller() as http,
    ):
        await set_up(store)
        wired = wire(first, store, http)
        reload = Reload(wired.house, loader)
        await reload.begin(compiled)
        stop = asyncio.Event()
        async with working(wired, reload, stop, shutdown_s=shutdown_s):
            yield Opened(wired=wired, reload=reload, stop=stop)


async def set_up(store: Store) -> None:
    """Set the store up; where it does not answer the server starts without, and waits for it."""
    try:
        await store.migrate()
    except StoreUnavailable as error:
        log.warning("store unavailable at start: runs are refused until it is", reason=str(error))


@asynccontextmanager
async def working(
    wired: Wired, reload: Reload, stop: asyncio.Event, *, shutdown_s: float
) -> AsyncIterator[None]:
    """Run the background work; it ends before the store is closed."""
    housekeeping = Housekeeping(wired.house, reload, wired.unanswered)
    work: dict[str, Work] = {
        "reload": reload.run,
        "housekeeping": housekeeping.run,
        "store watch": lambda until: watch_store(wired, until),
        "jobs": lambda until: jobs_of(wired.house, wired.delivery, drain_s=shutdown_s).run(until),
    }
    tasks = [
        asyncio.create_task(keep_running(name, one, stop), name=name) for name, one in work.items()
    ]
    try:
        yield
    finally:
        stop.set()
        await ended(tasks, within_s=shutdown_s)


async def watch_store(wired: Wired, stop: asyncio.Event) -> None:
    """Ask the store every second whether it is there, for `/health`."""
    while not stop.is_set():
        await wired.status.look()
        await rest(stop, 1.0)
