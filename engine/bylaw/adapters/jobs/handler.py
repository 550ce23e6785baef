"""Handlers of jobs and what recurs, as they are registered."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bylaw.base.plain import Record
from bylaw.model.job import Job, RetryPolicy

# Runs a job; the number counts the runs before that ended without success.
Handler = Callable[[Record, int], Awaitable[None]]
Clock = Callable[[], datetime]
MESSAGE = 500


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


def message(error: BaseException) -> str:
    """Return what to keep of a failure."""
    return f"{type(error).__name__}: {error}"[:MESSAGE]
