"""Handlers of jobs and what recurs, as they are registered; and how suspected jobs take turns."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bylaw.base.plain import Record
from bylaw.model.job import Job, RetryPolicy

# Runs a job; the number counts the runs before that ended without success.
Handler = Callable[[Record, int], Awaitable[None]]
Clock = Callable[[], datetime]
MESSAGE = 500
# How long a suspected job waits for its turn, so that what it ends has lived for a while.
TURNS = RetryPolicy(first_s=1.0, most_s=300.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A handler, and how often it is tried."""

    handler: Handler
    policy: RetryPolicy

    async def run(self, job: Job) -> None:
        """Run the handler once."""
        await self.handler(job.payload, job.attempts)

    def wait(self, job: Job, *, luck: float) -> timedelta | None:
        """Return how long a job that failed now has to wait; nothing: it is given up."""
        failures = job.attempts + 1
        if failures >= self.policy.attempts:
            return None
        return timedelta(seconds=self.policy.wait_s(failures, luck=luck))


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a worker is given; `recurring` has the seconds between the runs of some handlers."""

    handlers: Mapping[str, Registered]
    recurring: Mapping[str, int]
    clock: Clock
    drain_s: float


class Counting(Protocol):
    """What counts the runs of suspected jobs, before they begin."""

    async def alone(self, job_id: int) -> None:
        """Count a run of a suspected job, which is alone."""
        ...


class Stopped(Exception):
    """The worker was told to stop before the turn of a job had come."""


class Turns:
    """Has jobs that may have ended their process run one at a time, each after a wait.

    A crash counts a start for every job that ran. Only the guilty one ends the process again
    when it runs alone; the others have the time of its wait, which grows, to come to their end.
    """

    def __init__(self, counting: Counting) -> None:
        """Count in a store."""
        self._counting = counting
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def of(self, job: Job, stop: asyncio.Event) -> AsyncIterator[None]:
        """Wait for the turn of a job; one that is not suspected has it.

        Raises:
            Stopped: the worker was told to stop meanwhile.
        """
        if job.alone is None:
            yield
            return
        wait_s = TURNS.wait_s(job.alone + 1, luck=random.random())  # noqa: S311 - jitter
        await first_of(stop, timeout_s=wait_s)
        async with self._turn:
            if stop.is_set():
                raise Stopped
            await self._counting.alone(job.id)
            yield


async def first_of(*events: asyncio.Event, timeout_s: float) -> None:
    """Wait for any of the events, or until the time is over."""
    waiting = {asyncio.ensure_future(event.wait()) for event in events}
    try:
        await asyncio.wait(waiting, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()


def message(error: BaseException) -> str:
    """Return what to keep of a failure."""
    return f"{type(error).__name__}: {error}"[:MESSAGE]
