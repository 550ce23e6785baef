"""Opens everything in order and closes it in reverse."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from bylaw.adapters.http_call import HttpCaller
from bylaw.app.wiring import Wired, wire
from bylaw.background.housekeeping import keep_house
from bylaw.background.jobs import jobs_of
from bylaw.background.reload import Loader, Reload
from bylaw.base.errors import ContentError
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
    loader: Loader, compiled: Compiled, *, store_url: str | None = None
) -> AsyncIterator[Opened]:
    """Open the store, calls, jobs and background work around a compiled house."""
    first = compiled.snapshot
    if first is None:
        raise ContentError(compiled.problems)
    async with (
        Store.open(store_url or first.server.store_url) as store,
        HttpCaller() as http,
    ):
        await store.migrate()
        wired = wire(first, store, http)
        reload = Reload(wired.house, loader)
        await reload.go_live(compiled)
        stop = asyncio.Event()
        async with working(wired, reload, stop):
            yield Opened(wired=wired, reload=reload, stop=stop)


@asynccontextmanager
async def working(wired: Wired, reload: Reload, stop: asyncio.Event) -> AsyncIterator[None]:
    """Run the background work; it ends before the store is closed."""
    work: tuple[Callable[[asyncio.Event], Awaitable[None]], ...] = (
        reload.run,
        lambda until: keep_house(wired.house, until),
        lambda until: watch_store(wired, until),
        lambda until: jobs_of(wired.house, wired.delivery).run(until),
    )
    tasks = [asyncio.ensure_future(one(stop)) for one in work]
    for task in tasks:
        task.add_done_callback(_report)
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks, return_exceptions=True)


async def watch_store(wired: Wired, stop: asyncio.Event) -> None:
    """Ask the store every second whether it is there, for `/health`."""
    while not stop.is_set():
        await wired.status.look()
        try:
            await asyncio.wait_for(stop.wait(), 1.0)
        except TimeoutError:
            continue


def _report(task: asyncio.Future[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("background work ended", error=repr(task.exception()))
