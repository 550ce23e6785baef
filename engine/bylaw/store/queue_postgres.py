"""The jobs of a PostgreSQL database as its workers see them, beside what PgQueuer does."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from pgqueuer.db import Driver
from pgqueuer.queries import Queries
from sqlalchemy import URL

from bylaw.base.plain import Plain
from bylaw.store.connection import Connection
from bylaw.store.failure import translated
from bylaw.store.job_postgres import Jobs, Worker, queries

Opening = Callable[[], AbstractAsyncContextManager[Connection]]


class PostgresQueue:
    """The queue of one database. `dsn` is for the worker's own connections."""

    def __init__(self, url: URL, *, read: Opening, write: Opening) -> None:
        """Work on the jobs of a database with its transactions."""
        query = {("sslmode" if key == "ssl" else key): value for key, value in url.query.items()}
        plain = url.set(drivername="postgresql", query=query)
        self.dsn = plain.render_as_string(hide_password=False)
        self._read = read
        self._write = write

    def queries(self, driver: Driver) -> Queries:
        """Return PgQueuer's statements for our schema."""
        return queries(driver)

    def worker(self, driver: Driver, name: str) -> Worker:
        """Return a worker as the other processes see it."""
        return Worker(driver, name)

    async def enqueue(self, name: str, payload: Mapping[str, Plain], *, key: str) -> None:
        """Add a job that is due at once, unless one waits under its key."""
        async with translated(), self._write() as connection:
            await Jobs(connection).enqueue(name, payload, due_at=None, key=key)

    async def starts(self, job_id: int) -> int:
        """Count the runs of a job that left no outcome, this one included if beside others."""
        async with translated(), self._read() as connection:
            return await Jobs(connection).starts(job_id)

    async def alone(self, job_id: int) -> None:
        """Count a run of a suspected job, which is alone."""
        async with translated(), self._write() as connection:
            await Jobs(connection).alone(job_id)

    async def prune(self, before: datetime) -> None:
        """Remove what is logged of jobs that ended before a moment."""
        async with translated(), self._write() as connection:
            await Jobs(connection).prune(before)
