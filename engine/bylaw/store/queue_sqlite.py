"""The jobs of a SQLite file as its worker sees them: each method is a transaction.

Which of several processes works them off is decided by a lock on `lock_path`; the worker
holds it.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path

from bylaw.base.plain import Plain
from bylaw.model.job import Job
from bylaw.store.connection import Connection
from bylaw.store.failure import translated
from bylaw.store.job import Jobs

Opening = Callable[[], AbstractAsyncContextManager[Connection]]


class SqliteQueue:
    """The queue of one file. `added` is set after each commit that brought jobs."""

    def __init__(self, path: Path, *, read: Opening, write: Opening) -> None:
        """Work on the jobs of a file with its transactions."""
        self.lock_path = path.with_name(path.name + "-jobs")
        self.added = asyncio.Event()
        self._read = read
        self._write = write

    async def enqueue(self, name: str, payload: Mapping[str, Plain], *, key: str) -> None:
        """Add a job that is due at once, unless one waits under its key."""
        async with translated(), self._write() as connection:
            await Jobs(connection).enqueue(name, payload, due_at=None, key=key)
        self.added.set()

    async def recover(self, now: datetime) -> None:
        """Make the jobs ready again that a process left running when it ended."""
        async with translated(), self._write() as connection:
            await Jobs(connection).recover(now)

    async def next_due(self, names: tuple[str, ...]) -> tuple[bool, datetime | None]:
        """Say whether a job of these names waits, and when the first is due.

        No moment means at once.
        """
        async with translated(), self._read() as connection:
            return await Jobs(connection).next_due(names)

    async def pick(self, names: tuple[str, ...], *, now: datetime, limit: int) -> tuple[Job, ...]:
        """Mark due jobs of these names as running and return them."""
        async with translated(), self._write() as connection:
            return await Jobs(connection).pick(names, now=now, limit=limit)

    async def alone(self, job_id: int) -> None:
        """Count a run of a suspected job, which is alone."""
        async with translated(), self._write() as connection:
            await Jobs(connection).alone(job_id)

    async def done(self, job: Job) -> None:
        """Remove a job that ended well."""
        async with translated(), self._write() as connection:
            await Jobs(connection).done(job)

    async def retry(self, job: Job, *, at: datetime, why: str) -> None:
        """Have a job that failed tried again at a moment."""
        async with translated(), self._write() as connection:
            await Jobs(connection).retry(job, at=at, why=why)

    async def bury(self, job: Job, *, at: datetime, why: str) -> None:
        """Give a job up, and keep it."""
        async with translated(), self._write() as connection:
            await Jobs(connection).bury(job, at=at, why=why)

    async def put_back(self, job: Job) -> None:
        """Have a job that was stopped run again."""
        async with translated(), self._write() as connection:
            await Jobs(connection).put_back(job)
