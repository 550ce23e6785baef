"""Small work that recurs: batches of decisions, seals, answers that are too old."""

import asyncio

import structlog

from bylaw.base.errors import BylawError
from bylaw.services.house import House

log = structlog.get_logger(__name__)

FLUSH_S = 0.1
SEAL_EVERY = 10  # flushes, so once a second
FORGET_EVERY = 36_000  # flushes, so once an hour


async def keep_house(house: House, stop: asyncio.Event) -> None:
    """Flush, seal and forget until `stop` is set; then flush once more."""
    turn = 0
    while not stop.is_set():
        try:
            await asyncio.wait_for(stop.wait(), FLUSH_S)
        except TimeoutError:
            turn += 1
            await _quietly(house, turn)
    await _quietly(house, 0)


async def _quietly(house: House, turn: int) -> None:
    """Do one turn; a store that is down must not end the loop."""
    try:
        await _turn(house, turn)
    except BylawError as error:
        log.warning("housekeeping waits", reason=str(error))


async def _turn(house: House, turn: int) -> None:
    await house.journal.flush()
    if turn % SEAL_EVERY == 0:
        async with house.store.write() as tx:
            await tx.audit.seal(house.clock())
    if turn % FORGET_EVERY == 1:
        async with house.store.write() as tx:
            await tx.answers.forget(house.clock())
