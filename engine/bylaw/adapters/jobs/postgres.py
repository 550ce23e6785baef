"""The worker of a PostgreSQL database: PgQueuer, with any number of processes beside it.

Its settings matter: without a short `dequeue_timeout` a retry waits for the next poll,
without `shutdown_on_listener_failure` a lost LISTEN goes unnoticed, and a job that ends its
process would be started for ever.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import asyncpg
import pgqueuer
import structlog
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver, Driver
from pgqueuer.executors import AbstractEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.models import Context, Schedule
from pgqueuer.models import Job as PickedJob
from pgqueuer.queries import Queries

from bylaw.adapters.jobs.handler import Given, Registered, Stopped, Turns, first_of, message
from bylaw.base.errors import StoreUnavailable
from bylaw.base.plain import Plain, Record
from bylaw.model.job import GIVEN_UP, MOST_ALONE, Job, RetryPolicy

log = structlog.get_logger(__name__)

POLL = timedelta(seconds=1)
HEARTBEAT = timedelta(seconds=30)
RESTART = timedelta(seconds=2)
AT_ONCE = 50
KEPT = timedelta(days=7)
PRUNE = "prune-jobs"
DAY_S = 86_400
CRON = ((1, 60, "* * * * * {}"), (60, 60, "{} * * * *"), (3600, 24, "0 {} * * *"))


class Worker(Protocol):
    """A worker as others see it, over a connection that is its own."""

    async def live(self) -> None:
        """Show the others that it lives, as long as the connection does."""
        ...

    async def gone(self) -> frozenset[str]:
        """Return the workers that have jobs and do not live."""
        ...

    async def take_over(self, gone: str) -> int:
        """Have the jobs of a worker that is gone run again now; return how many."""
        ...


class SharedQueue(Protocol):
    """The jobs of one database, beside what PgQueuer does itself."""

    dsn: str

    def queries(self, driver: Driver) -> Queries:
        """Return PgQueuer's statements for the store's schema."""
        ...

    def worker(self, driver: Driver, name: str) -> Worker:
        """Return a worker as the other processes see it."""
        ...

    async def enqueue(self, name: str, payload: Mapping[str, Plain], *, key: str) -> None:
        """Add a job that is due at once, unless one waits under its key."""
        ...

    async def starts(self, job_id: int) -> int:
        """Count the runs of a job that left no outcome, this one included if beside others."""
        ...

    async def alone(self, job_id: int) -> None:
        """Count a run of a suspected job, which is alone."""
        ...

    async def prune(self, before: datetime) -> None:
        """Remove what is logged of jobs that ended before a moment."""
        ...


class SharedWorker:
    """Runs the jobs of a database, with others that do the same."""

    def __init__(self, queue: SharedQueue, given: Given) -> None:
        """Work on the jobs of a database."""
        self._queue = queue
        prune = Registered(handler=self._prune, policy=RetryPolicy())
        self._handlers = {**given.handlers, PRUNE: prune}
        self._recurring = {**given.recurring, PRUNE: DAY_S}
        self._clock = given.clock
        self._drain_s = given.drain_s
        self._running = Running()
        self._turns = Turns(queue)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then give the jobs at work some time to end."""
        self._running.stop = stop
        end = asyncio.ensure_future(self._end(stop))
        try:
            await pgqueuer.run(
                self._manager,
                dequeue_timeout=POLL,
                heartbeat_timeout=HEARTBEAT,
                max_concurrent_tasks=AT_ONCE,
                shutdown_on_listener_failure=True,
                restart_on_failure=True,
                restart_delay=RESTART,
                shutdown=stop,
            )
        finally:
            end.cancel()

    async def _end(self, stop: asyncio.Event) -> None:
        await stop.wait()
        await asyncio.sleep(self._drain_s)
        self._running.abandon()

    @asynccontextmanager
    async def _manager(self) -> AsyncIterator[pgqueuer.PgQueuer]:
        async with asyncpg.create_pool(self._queue.dsn, min_size=2, max_size=4) as pool:
            driver = AsyncpgPoolDriver(pool)
            made = pgqueuer.PgQueuer(connection=driver, queries=self._queue.queries(driver))
            for name, registered in self._handlers.items():
                made.qm.register_executor(name, self._executor(registered))
            for name, seconds in self._recurring.items():
                made.schedule(f"every-{name}", cron(seconds), clean_old=True)(self._fire(name))
            rescue = asyncio.ensure_future(Rescue(self._queue).run(str(made.qm.queue_manager_id)))
            try:
                yield made
            finally:
                rescue.cancel()
                await asyncio.gather(rescue, return_exceptions=True)

    def _executor(self, registered: Registered) -> "Executor":
        parameters = EntrypointExecutorParameters(
            concurrency_limit=0, func=unused, on_failure="hold"
        )
        return Executor(
            parameters=parameters,
            registered=registered,
            queue=self._queue,
            running=self._running,
            turns=self._turns,
        )

    def _fire(self, name: str) -> Callable[[Schedule], Awaitable[None]]:
        # What PgQueuer schedules is not retried, so it only enqueues.
        async def fire(_schedule: Schedule) -> None:
            await self._queue.enqueue(name, {}, key=f"every/{name}")

        return fire

    async def _prune(self, _payload: Record, _attempts: int) -> None:
        await self._queue.prune(self._clock() - KEPT)


FAILURES = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)


class Rescue:
    """Shows the others that this process lives, and takes over from those that do not.

    PgQueuer waits for a heartbeat to be missed; the database knows at once that a connection
    has ended. A worker is gone if two looks miss it, so that one may connect anew.
    """

    def __init__(self, queue: SharedQueue) -> None:
        """Look after the jobs of a database."""
        self._queue = queue
        self._missed: frozenset[str] = frozenset()
        self._lived = False

    async def run(self, name: str) -> None:
        """Look again and again; a connection that is lost is opened anew, the first time at once.

        Whoever waited with that would be missed.
        """
        while True:
            self._lived = False
            try:
                await self._connected(name)
            except FAILURES as error:
                log.warning("jobs of other processes wait for the store", reason=message(error))
            if not self._lived:
                await asyncio.sleep(POLL.total_seconds())

    async def _connected(self, name: str) -> None:
        connection = await asyncpg.connect(self._queue.dsn)
        try:
            worker = self._queue.worker(AsyncpgDriver(connection), name)
            await worker.live()
            while True:
                await self._look(worker)
                self._lived = True
                await asyncio.sleep(POLL.total_seconds())
        finally:
            connection.terminate()

    async def _look(self, worker: Worker) -> None:
        missed = await worker.gone()
        for gone in missed & self._missed:
            if count := await worker.take_over(gone):
                log.warning("jobs of a process that is gone run again", jobs=count)
        self._missed = missed


class Running:
    """The handlers at work; `abandoned` once they have been told to stop."""

    def __init__(self) -> None:
        """Start with none."""
        self.tasks: set[asyncio.Future[None]] = set()
        self.stop = asyncio.Event()
        self.abandoned = False

    def abandon(self) -> None:
        """Stop the handlers at work."""
        self.abandoned = True
        for task in self.tasks:
            task.cancel()


@dataclass
class Executor(AbstractEntrypointExecutor):
    """Runs one job: a failure becomes a retry or, after the last, a job that is held."""

    registered: Registered
    queue: SharedQueue
    running: Running
    turns: Turns

    async def execute(self, job: PickedJob, context: Context) -> None:  # noqa: ARG002 - theirs
        """Run the job, as soon as the store lets it be run.

        Raises:
            RetryRequested: it is to be tried again.
        """
        while True:
            try:
                return await self._in_turn(await self._taken(job))
            except Stopped:
                break
            except StoreUnavailable as error:
                log.warning("a job waits for the store", id=job.id, reason=str(error))
            if await self._stops():
                break
        raise pgqueuer.RetryRequested(reason="the process ends")

    async def _stops(self) -> bool:
        await first_of(self.running.stop, timeout_s=POLL.total_seconds())
        return self.running.stop.is_set()

    async def _taken(self, job: PickedJob) -> Job:
        return Job(
            id=job.id,
            name=job.entrypoint,
            payload=json.loads(job.payload or b"{}"),
            attempts=job.attempts,
            starts=await self.queue.starts(job.id),
        )

    async def _in_turn(self, job: Job) -> None:
        if job.alone is not None and job.alone >= MOST_ALONE:
            raise RuntimeError(GIVEN_UP)
        async with self.turns.of(job, self.running.stop):
            await self._settled(job)

    async def _settled(self, job: Job) -> None:
        try:
            await self._run(job)
        except (StoreUnavailable, pgqueuer.RetryRequested):
            raise
        except Exception as error:
            wait = self.registered.wait(job, luck=random.random())  # noqa: S311 - jitter
            if wait is None:
                raise
            raise pgqueuer.RetryRequested(delay=wait, reason=message(error)) from error

    async def _run(self, job: Job) -> None:
        task = asyncio.ensure_future(self.registered.run(job))
        self.running.tasks.add(task)
        try:
            await task
        except asyncio.CancelledError:
            # PgQueuer removes a job that is cancelled; this one was only stopped.
            if self.running.abandoned:
                raise pgqueuer.RetryRequested(reason="the process ends") from None
            raise
        finally:
            self.running.tasks.discard(task)


async def unused(_job: PickedJob) -> None:
    """Stand where PgQueuer wants a function; the executor has its own."""


def cron(seconds: int) -> str:
    """Return the cron expression for every so many seconds, minutes or hours of a day.

    Raises:
        ValueError: a minute, an hour or a day is no multiple of it.
    """
    for unit_s, units, form in CRON:
        count, rest = divmod(seconds, unit_s)
        if not rest and 0 < count < units and units % count == 0:
            return form.format(f"*/{count}")
    if seconds == DAY_S:
        return "0 0 * * *"
    raise ValueError(f"{seconds} s do not divide a minute, an hour or a day")
