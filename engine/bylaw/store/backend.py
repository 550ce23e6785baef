"""What the two databases do differently, behind one face each."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bylaw.base.plain import Plain
from bylaw.model.job import DeadJob
from bylaw.store.connection import Connection
from bylaw.store.queue_sqlite import SqliteQueue

if TYPE_CHECKING:
    from bylaw.store.queue_postgres import PostgresQueue


class Jobs(Protocol):
    """The jobs of one transaction; `added` says whether workers should be woken."""

    added: bool

    async def enqueue(
        self, name: str, payload: Mapping[str, Plain], *, due_at: datetime | None, key: str | None
    ) -> bool:
        """Add a job, unless one waits under its key."""
        ...

    async def cancel(self, key: str) -> bool:
        """Remove the job that waits under a key."""
        ...

    async def dead(self, *, limit: int = 100) -> tuple[DeadJob, ...]:
        """Return the jobs that were given up, the newest first."""
        ...

    async def requeue(self, job_id: int) -> bool:
        """Have a job that was given up tried again."""
        ...

    async def drop(self, job_id: int) -> bool:
        """Remove a job that was given up."""
        ...


class Backend(Protocol):
    """What the two databases do differently."""

    @property
    def kind(self) -> str:
        """Return `sqlite` or `postgres`."""
        ...

    def write(self) -> AbstractAsyncContextManager[Connection]:
        """Open a transaction that writes."""
        ...

    def read(self) -> AbstractAsyncContextManager[Connection]:
        """Open a connection that reads."""
        ...

    def wake(self) -> None:
        """Tell the worker of this process that there are new jobs."""
        ...

    async def install_jobs(self, connection: Connection) -> None:
        """Make the tables of jobs, if the migrations do not."""
        ...

    def jobs(self, connection: Connection) -> Jobs:
        """Return the jobs of a transaction."""
        ...

    @property
    def queue(self) -> "SqliteQueue | PostgresQueue":
        """Return the jobs as workers see them."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
