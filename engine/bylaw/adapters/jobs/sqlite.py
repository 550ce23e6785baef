"""The worker of a SQLite file: of all processes that have it open, one runs its jobs."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Protocol, runtime_checkable

import structlog

from bylaw.adapters.jobs.handler import Given, Stopped, Turns, first_of, message
from bylaw.adapters.jobs.lock import try_lock
from bylaw.base.errors import BylawError, StoreUnavailable
from bylaw.base.plain import Plain
from bylaw.model.job import Job

log = structlog.get_logger(__name__)

AT_ONCE = 50
# How soon jobs are seen that another process enqueued, and how soon its lock is taken over.
LOOK_S = 1.0


@runtime_checkable
class LocalQueue(Protocol):
    """The jobs of one file."""

    lock_path: Path
    added: asyncio.Event

    async def enqueue(self, name: str, payload: Mapping[str, Plain], *, key: str) -> None:
        """Add a job that is due at once, unless one waits under its key."""
        ...

    async def recover(self, now: datetime) -> None:
        """Make the jobs ready again that a process left running when it ended."""
        ...

    async def next_due(self, names: tuple[str, ...]) -> tuple[bool, datetime | None]:
        """Say whether a job of these names waits, and when the first is due."""
        ...

    async def pick(self, names: tuple[str, ...], *, now: datetime, limit: int) -> tuple[Job, ...]:
        """Mark due jobs of these names as running and return them."""
        ...

    async def alone(self, job_id: int) -> None:
        """Count a run of a suspected job, which is alone."""
        ...

    async def done(self, job: Job) -> None:
        """Remove a job that ended well."""
        ...

    async def retry(self, job: Job, *, at: datetime, why: str) -> None:
        """Have a job that failed tried again at a moment."""
        ...

    async def bury(self, job: Job, *, at: datetime, why: str) -> None:
        """Give a job up, and keep it."""
        ...

    async def put_back(self, job: Job) -> None:
        """Have a job that was stopped run again."""
        ...


class LocalWorker:
    """Runs the jobs of a file while it holds the lock beside it."""

    def __init__(self, queue: LocalQueue, given: Given) -> None:
        """Work on the jobs of a file."""
        self._queue = queue
        self._given = given
        self._names = tuple(given.handlers)
        self._next = dict.fromkeys(given.recurring, given.clock())
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = Turns(queue)
        self._stop = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then give the jobs at work some time to end."""
        self._stop = stop
        held = await self._lock(stop)
        if held is None:
            return
        with held:
            try:
                await self._work(stop)
                if self._tasks:
                    await asyncio.wait(self._tasks, timeout=self._given.drain_s)
            finally:
                await self._abandon()

    async def _lock(self, stop: asyncio.Event) -> IO[bytes] | None:
        while not stop.is_set():
            if (held := try_lock(self._queue.lock_path)) is not None:
                return held
            await first_of(stop, timeout_s=LOOK_S)
        return None

    async def _work(self, stop: asyncio.Event) -> None:
        recovered = False
        while not stop.is_set():
            self._queue.added.clear()
            try:
                if not recovered:
                    await self._queue.recover(self._given.clock())
                recovered = True
                wait_s = await self._turn()
            except BylawError as error:
                log.warning("jobs wait for the store", reason=str(error))
                wait_s = LOOK_S
            await first_of(stop, self._queue.added, timeout_s=wait_s)

    async def _turn(self) -> float:
        """Start what is due; return for how long nothing will be."""
        now = self._given.clock()
        await self._recur(now)
        free = AT_ONCE - len(self._tasks)
        waits, due_at = await self._queue.next_due(self._names)
        if not waits or not free:
            return LOOK_S
        if due_at is not None and due_at > now:
            return min(LOOK_S, (due_at - now).total_seconds())
        for job in await self._queue.pick(self._names, now=now, limit=free):
            self._start(job)
        return 0.0

    async def _recur(self, now: datetime) -> None:
        for name, at in self._next.items():
            if at <= now:
                await self._queue.enqueue(name, {}, key=f"every/{name}")
                self._next[name] = now + timedelta(seconds=self._given.recurring[name])

    def _start(self, job: Job) -> None:
        task = asyncio.ensure_future(self._run(job))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if len(self._tasks) == AT_ONCE:
            self._queue.added.set()
        self._tasks.discard(task)

    async def _run(self, job: Job) -> None:
        try:
            async with self._turns.of(job, self._stop):
                await self._given.handlers[job.name].run(job)
        except asyncio.CancelledError:
            await self._queue.put_back(job)
            raise
        except Stopped:
            await self._settle(partial(self._queue.put_back, job))
        except StoreUnavailable as error:
            log.warning("a job waits for the store", job=job.name, id=job.id, reason=str(error))
            await first_of(self._stop, timeout_s=LOOK_S)
            await self._settle(partial(self._queue.put_back, job))
            self._queue.added.set()
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is an outcome
            await self._settle(partial(self._failed, job, message(error)))
        else:
            await self._settle(partial(self._queue.done, job))

    async def _failed(self, job: Job, why: str) -> None:
        wait = self._given.handlers[job.name].wait(job, luck=random.random())  # noqa: S311 - jitter
        now = self._given.clock()
        if wait is None:
            log.error("a job is given up", job=job.name, id=job.id, reason=why)
            await self._queue.bury(job, at=now, why=why)
            return
        log.warning("a job is tried again", job=job.name, id=job.id, reason=why)
        await self._queue.retry(job, at=now + wait, why=why)
        self._queue.added.set()

    async def _settle(self, outcome: Callable[[], Awaitable[None]]) -> None:
        """Write an outcome, as soon as the store lets it be written."""
        while True:
            try:
                return await outcome()
            except BylawError as error:
                log.warning("the outcome of a job waits for the store", reason=str(error))
                await asyncio.sleep(LOOK_S)

    async def _abandon(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
