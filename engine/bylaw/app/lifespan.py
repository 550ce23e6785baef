"""Opens everything in order and closes it in reverse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from bylaw.adapters.http_call import HttpCaller
from bylaw.adapters.jobs.worker import DRAIN_S
from bylaw.app import clock
from bylaw.app.wiring import Wired, wire
from bylaw.background.housekeeping import Housekeeping
from bylaw.background.jobs import jobs_of
from bylaw.background.pin import Pinning, first_pinned, hold, pin_at_start
from bylaw.background.reload import Loader, Reload
from bylaw.background.supervision import Work, ended, keep_running, rest
from bylaw.base.errors import ContentError, StoreUnavailable
from bylaw.compile.house import Compiled
from bylaw.compile.server import DEFAULT_STORE, find_station
from bylaw.load.house import read_house
from bylaw.model.archive import Pin
from bylaw.model.server import Station
from bylaw.services.house import needed
from bylaw.store.store import Store
from bylaw.store.url import counted_from, may_be_there

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A running Bylaw: its parts, and the event that ends its background work."""

    wired: Wired
    reload: Reload
    stop: asyncio.Event


@asynccontextmanager
async def opened(
    loader: Loader,
    compiled: Compiled,
    *,
    store_url: str | None = None,
    store_folder: Path | None = None,
    shutdown_s: float = DRAIN_S,
) -> AsyncIterator[Opened]:
    """Open the store, calls, jobs and background work around a house.

    What is pinned in the store is live, also where the files are broken. The path of a store's
    file is counted from `store_folder`, else from the house. In the end what is under way in the
    background gets `shutdown_s` to finish.

    Raises:
        ContentError: the files have problems, and nothing is pinned.
        ConfigurationError: what is pinned does not load.
    """
    station = station_of(loader, compiled)
    place = store_url or station.store_url or DEFAULT_STORE
    url = counted_from(store_folder or loader.root, place)
    if compiled.snapshot is None and not may_be_there(url):
        raise ContentError(compiled.problems)
    async with Store.open(url) as store, HttpCaller() as http:
        if compiled.snapshot is not None:
            await set_up(store)
        pin = await pin_at_start(store, compiled)
        first = compiled if pin is None else await pinned(store, pin, loader, station=station)
        wired = wire(needed(first), store, http)
        if pin is not None:
            hold(wired.house, pin, first)
        reload = Reload(wired.house, loader)
        await reload.begin(compiled)
        stop = asyncio.Event()
        pinning = Pinning(wired.house, loader.environ)
        async with working(wired, (reload, pinning), stop, shutdown_s=shutdown_s):
            yield Opened(wired=wired, reload=reload, stop=stop)


def station_of(loader: Loader, compiled: Compiled) -> Station:
    """Return where the files say that the process listens and keeps its state."""
    if compiled.snapshot is not None:
        return compiled.snapshot.server.station
    return find_station(read_house(loader.root).files, loader.environ)


async def pinned(store: Store, pin: Pin, loader: Loader, *, station: Station) -> Compiled:
    """Return what is pinned, compiled in the environment of the loader."""
    return await first_pinned(store, pin, station=station, environ=loader.environ, clock=clock.now)


async def set_up(store: Store) -> None:
    """Set the store up; where it does not answer the server starts without, and waits for it."""
    try:
        await store.migrate()
    except StoreUnavailable as error:
        log.warning("store unavailable at start: runs are refused until it is", reason=str(error))


@asynccontextmanager
async def working(
    wired: Wired,
    following: tuple[Reload, Pinning],
    stop: asyncio.Event,
    *,
    shutdown_s: float,
) -> AsyncIterator[None]:
    """Run the background work; it ends before the store is closed."""
    reload, pinning = following
    housekeeping = Housekeeping(wired.house, reload, wired.unanswered)
    work: dict[str, Work] = {
        "reload": reload.run,
        "pin": pinning.run,
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
