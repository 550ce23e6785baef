"""Keeps background work running: a crash is logged, and the work is started again."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)

Work = Callable[[asyncio.Event], Awaitable[None]]
# Long enough that work which cannot run does not fill the log.
PAUSE_S = 2.0
# What work may take beyond its own time to end, before it is cut off.
GRACE_S = 1.0


async def keep_running(
    name: str, work: Work, stop: asyncio.Event, *, pause_s: float = PAUSE_S
) -> None:
    """Run work until `stop` is set; start it again, after a pause, whenever it ends before."""
    while not stop.is_set():
        try:
            await work(stop)
        except Exception:
            # Whatever it was: the server goes on, and so must its work.
            log.exception("background work crashed", work=name, again_in_s=pause_s)
        else:
            if not stop.is_set():
                log.error("background work ended", work=name, again_in_s=pause_s)
        await rest(stop, pause_s)


async def rest(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but no longer than until `stop` is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def ended(tasks: list[asyncio.Task[None]], *, within_s: float) -> None:
    """Wait for work that was told to stop; cut off what takes longer than `within_s`."""
    _, late = await asyncio.wait(tasks, timeout=within_s + GRACE_S)
    for task in late:
        log.warning("background work is cut off", work=task.get_name())
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
