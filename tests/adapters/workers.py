"""A worker that runs for the time of a test, and a handler that tells what it was given."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bylaw.adapters.jobs.worker import Jobs
from bylaw.app import clock
from bylaw.base.plain import Record
from bylaw.store.store import Store


class Told:
    """What a handler was given; `failures` of its first runs raise."""

    def __init__(self, *, failures: int = 0) -> None:
        self.runs: asyncio.Queue[tuple[Record, int]] = asyncio.Queue()
        self._failures = failures

    async def __call__(self, payload: Record, attempts: int) -> None:
        await self.runs.put((payload, attempts))
        if self._failures > 0:
            self._failures -= 1
            raise LookupError("not there")

    async def next(self) -> tuple[Record, int]:
        """Wait for the next run."""
        async with asyncio.timeout(20):
            return await self.runs.get()


def jobs_of(store: Store, *, drain_s: float = 5.0) -> Jobs:
    """Return the jobs of a store; no handlers yet."""
    return Jobs(store.queue, clock=clock.now, drain_s=drain_s)


@asynccontextmanager
async def working(*workers: Jobs) -> AsyncIterator[None]:
    """Run workers inside the block."""
    stop = asyncio.Event()
    running = [asyncio.ensure_future(worker.run(stop)) for worker in workers]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*running)


async def until(store: Store, holds: Callable[[int], bool]) -> int:
    """Wait until the number of dead jobs is as wanted, and return it."""
    async with asyncio.timeout(20):
        while True:
            async with store.read() as tx:
                count = len(await tx.jobs.dead())
            if holds(count):
                return count
            await asyncio.sleep(0.05)
