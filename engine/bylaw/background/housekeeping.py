"""Small work that recurs: batches of decisions, seals, calls without an end, old answers."""

import asyncio

import structlog

from bylaw.background.reload import Reload
from bylaw.background.supervision import rest
from bylaw.base.errors import BylawError
from bylaw.services.archive import forget
from bylaw.services.house import House
from bylaw.services.unanswered import Unanswered

log = structlog.get_logger(__name__)

FLUSH_S = 0.1
SEAL_EVERY = 10  # flushes, so once a second
LOOK_EVERY = 100  # flushes, so every ten seconds
FORGET_EVERY = 36_000  # flushes, so once an hour


class Housekeeping:
    """Does what recurs; a store that is down is waited for."""

    def __init__(self, house: House, reload: Reload, unanswered: Unanswered) -> None:
        """Keep this house."""
        self._house = house
        self._reload = reload
        self._unanswered = unanswered
        self._waits_for = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Flush, seal, look and forget until `stop` is set; then flush once more."""
        turn = 0
        while not stop.is_set():
            turn += 1
            await self._quietly(turn)
            await rest(stop, FLUSH_S)
        await self._quietly(0)

    async def _quietly(self, turn: int) -> None:
        try:
            await self.turn(turn)
        except BylawError as error:
            self._told(str(error))
        else:
            self._told("")

    def _told(self, reason: str) -> None:
        """Say once what is waited for: lines ten times a second would fill a disk too."""
        if reason and reason != self._waits_for:
            log.warning("housekeeping waits", reason=reason)
        self._waits_for = reason

    async def turn(self, turn: int) -> None:
        """Do what is due at a turn; 0 is the last one."""
        house = self._house
        await house.journal.flush()
        if turn % SEAL_EVERY == 0:
            async with house.store.write() as tx:
                await tx.audit.seal(house.clock())
            await self._reload.catch_up()
        if turn % LOOK_EVERY == 1:
            await self._unanswered.look()
        if turn % FORGET_EVERY == 1:
            await self._forget()

    async def _forget(self) -> None:
        house, snapshots = self._house, self._house.snapshots
        async with house.store.write() as tx:
            await tx.answers.forget(house.clock())
        needed = [one.digest for one in (snapshots.live, snapshots.waiting) if one is not None]
        await forget(house.store, snapshots.live.scope, live=needed, now=house.clock())
