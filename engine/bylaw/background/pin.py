"""Follows the pin in the store: what is pinned is live, whatever the files say.

The files are loaded and checked all the same; what they say waits until the pin is gone.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import structlog

from bylaw.background.supervision import rest
from bylaw.base.errors import BylawError, ConfigurationError, ContentError, StoreUnavailable
from bylaw.base.plain import Plain
from bylaw.compile.house import Compiled
from bylaw.model.archive import Pin
from bylaw.model.server import Station
from bylaw.services.archive import made_again
from bylaw.services.house import House, needed
from bylaw.services.journal import SCOPE
from bylaw.services.moment import iso
from bylaw.services.snapshots import Pinned
from bylaw.store.store import Store

LOOK_S = 1.0

log = structlog.get_logger(__name__)


class Pinning:
    """Keeps the live snapshot up to the pin."""

    def __init__(self, house: House, environ: Mapping[str, str]) -> None:
        """Compile what is pinned in this environment."""
        self._house = house
        self._environ = environ

    async def run(self, stop: asyncio.Event) -> None:
        """Look for a pin every second until `stop` is set; a store that is down is waited for."""
        while not stop.is_set():
            try:
                await self.look()
            except BylawError as error:
                log.debug("the pin is not known", reason=str(error))
            await rest(stop, LOOK_S)

    async def look(self) -> None:
        """Follow the pin as it is in the store now.

        Raises:
            StoreUnavailable: the store did not answer; nothing changed.
        """
        async with self._house.store.read() as tx:
            pin = await tx.pins.get(SCOPE)
        pinned = self._house.snapshots.pinned
        if pin == (pinned.pin if pinned else None):
            return
        if pin is None:
            await self._release()
        else:
            await self._follow(pin)

    async def _follow(self, pin: Pin) -> None:
        compiled = await self._made_again(pin.digest)
        if compiled.snapshot is None:
            self._refuse(pin, compiled)
        else:
            hold(self._house, pin, compiled)

    def _refuse(self, pin: Pin, compiled: Compiled) -> None:
        """Keep what is live, and nothing else in its place, until somebody looks after it."""
        self._house.snapshots.pinned = Pinned(pin=pin, problems=compiled.problems)
        problems = [str(problem) for problem in compiled.problems]
        live = self._house.snapshots.live.digest[:12]
        log.error("pin not followed", **told(pin), live=live, problems=problems)
        self._house.note("pin-rejected", {**record_of(pin), "problems": problems})

    async def _release(self) -> None:
        snapshots = self._house.snapshots
        recorded = None if snapshots.newest else await self._newest_recorded()
        newest = snapshots.newest or recorded
        snapshots.pinned = None
        if newest is not None:
            self._house.make_live(newest)
        log.warning("house unpinned", live=snapshots.live.digest[:12])
        self._house.note("unpinned", {"digest": snapshots.live.digest})

    async def _newest_recorded(self) -> Compiled | None:
        """Return what good files said last, where those of this process never were good."""
        async with self._house.store.read() as tx:
            (newest,) = await tx.snapshots.newest(SCOPE, 1) or (None,)
        if newest is None or newest.digest == self._house.snapshots.live.digest:
            return None
        compiled = await self._made_again(newest.digest)
        if compiled.snapshot is None:
            problems = [str(problem) for problem in compiled.problems]
            log.error(
                "newest snapshot does not load", digest=newest.digest[:12], problems=problems
            )
            return None
        return compiled

    async def _made_again(self, digest: str) -> Compiled:
        house = self._house
        compiled = await made_again(
            house.store, SCOPE, digest, environ=self._environ, now=house.clock()
        )
        if compiled.snapshot is None:
            return compiled
        return replace(compiled, snapshot=house.snapshots.as_started(compiled.snapshot))


def hold(house: House, pin: Pin, compiled: Compiled) -> None:
    """Make what is pinned live, and keep it so."""
    house.snapshots.pinned = Pinned(pin=pin)
    house.make_live(compiled)
    log.warning("house pinned", **told(pin))
    house.note("pinned", record_of(pin))


def told(pin: Pin) -> dict[str, str]:
    """Return what the log says of a pin."""
    return {
        "digest": pin.digest[:12],
        "since": iso(pin.at),
        "by": pin.by,
        "reason": pin.reason,
    }


def record_of(pin: Pin) -> dict[str, Plain]:
    """Return what the audit says of a pin."""
    return {**told(pin), "digest": pin.digest}


async def pin_at_start(store: Store, files: Compiled) -> Pin | None:
    """Return the pin to start with.

    Where the store does not answer, good files start without, and the pin is followed later.

    Raises:
        ContentError: the files are broken, and there is nothing else to start with.
    """
    try:
        if files.snapshot is None:
            await store.require_current()
        async with store.read() as tx:
            pin = await tx.pins.get(SCOPE)
    except (StoreUnavailable, ConfigurationError) as error:
        if files.snapshot is None:
            raise ContentError(files.problems) from error
        return None
    if pin is None and files.snapshot is None:
        raise ContentError(files.problems)
    return pin


async def first_pinned(
    store: Store,
    pin: Pin,
    *,
    station: Station,
    environ: Mapping[str, str],
    clock: Callable[[], datetime],
) -> Compiled:
    """Return what is pinned, for a process at a station.

    Raises:
        ConfigurationError: it does not load; the files are not served in its place, since
            somebody pinned so that they are not.
    """
    compiled = await made_again(store, SCOPE, pin.digest, environ=environ, now=clock())
    if compiled.snapshot is None:
        problems = "\n".join(str(problem) for problem in compiled.problems)
        raise ConfigurationError(
            f"{problems}\n`{pin.digest[:12]}` is pinned and does not load; nothing was started."
            " Pin another one of `bylaw snapshots list`, or run `bylaw snapshots unpin`"
        )
    snapshot = needed(compiled)
    return replace(compiled, snapshot=replace(snapshot, server=snapshot.server.at(station)))
