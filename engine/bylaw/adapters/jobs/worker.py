"""The one interface to background jobs: handlers by name, what recurs, and a worker."""

import asyncio
from typing import TYPE_CHECKING

from bylaw.adapters.jobs.handler import Clock, Given, Handler, Registered
from bylaw.adapters.jobs.sqlite import LocalQueue, LocalWorker
from bylaw.model.job import RetryPolicy

if TYPE_CHECKING:
    from bylaw.adapters.jobs.postgres import SharedQueue, SharedWorker

DRAIN_S = 10.0
ONCE_MORE = RetryPolicy()


class Jobs:
    """Background jobs over the queue of a store.

    A job runs after the transaction that enqueued it, at least once: handlers are safe to run
    twice. One that raises is tried again as its policy says, and in the end kept as dead.
    """

    def __init__(
        self, queue: "LocalQueue | SharedQueue", *, clock: Clock, drain_s: float = DRAIN_S
    ) -> None:
        """Work on a queue; in the end the jobs at work get `drain_s` to finish."""
        self._queue = queue
        self._clock = clock
        self._drain_s = drain_s
        self._handlers: dict[str, Registered] = {}
        self._recurring: dict[str, int] = {}

    def register(self, name: str, handler: Handler, *, policy: RetryPolicy = ONCE_MORE) -> None:
        """Have the jobs of a name run by a handler."""
        self._handlers[name] = Registered(handler=handler, policy=policy)

    def every(
        self, name: str, seconds: int, handler: Handler, *, policy: RetryPolicy = ONCE_MORE
    ) -> None:
        """Have a handler run every so many seconds, in one of all processes.

        A minute, an hour or a day must be a multiple of `seconds`. A process on SQLite runs
        it once when it takes over.
        """
        self.register(name, handler, policy=policy)
        self._recurring[name] = seconds

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        await self._worker().run(stop)

    def _worker(self) -> "LocalWorker | SharedWorker":
        given = Given(
            handlers=self._handlers,
            recurring=self._recurring,
            clock=self._clock,
            drain_s=self._drain_s,
        )
        if isinstance(self._queue, LocalQueue):
            return LocalWorker(self._queue, given)
        from bylaw.adapters.jobs.postgres import SharedWorker  # noqa: PLC0415 - 0.2 s to import

        return SharedWorker(self._queue, given)
