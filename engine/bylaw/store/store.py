"""The store: transactions over SQLite or PostgreSQL, and what can be read and written there."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import URL, text

from bylaw.base.errors import ConfigurationError
from bylaw.base.plain import Plain
from bylaw.store.answer import Answers
from bylaw.store.archive import Documents, Snapshots, Sources
from bylaw.store.audit import Audit
from bylaw.store.backend import Backend, Jobs
from bylaw.store.connection import Connection
from bylaw.store.context import Context
from bylaw.store.effect import Effects
from bylaw.store.failure import translated
from bylaw.store.history import History
from bylaw.store.instance import Instances
from bylaw.store.migration import HEAD, OLDER, migrate, revision
from bylaw.store.pin import Pins
from bylaw.store.queue_sqlite import SqliteQueue
from bylaw.store.sqlite import Sqlite
from bylaw.store.timer import Timers
from bylaw.store.url import store_url

if TYPE_CHECKING:
    from bylaw.store.queue_postgres import PostgresQueue

PING = text("SELECT 1")


class Transaction:
    """What belongs together: it is committed as a whole, or nothing of it is there."""

    __slots__ = (
        "answers",
        "audit",
        "context",
        "documents",
        "effects",
        "history",
        "instances",
        "jobs",
        "pins",
        "snapshots",
        "sources",
        "timers",
    )

    def __init__(self, connection: Connection, jobs: Jobs) -> None:
        """Open the nouns of the store over one connection."""
        self.jobs = jobs
        self.instances = Instances(connection)
        self.history = History(connection)
        self.effects = Effects(connection)
        self.timers = Timers(connection)
        self.context = Context(connection)
        self.answers = Answers(connection)
        self.audit = Audit(connection)
        self.documents = Documents(connection)
        self.snapshots = Snapshots(connection)
        self.sources = Sources(connection)
        self.pins = Pins(connection)

    async def enqueue(
        self,
        name: str,
        payload: Mapping[str, Plain],
        *,
        due_at: datetime | None = None,
        key: str | None = None,
    ) -> bool:
        """Have a job run after the commit, now or at a moment; at least once.

        False where a job waits under the same key: it is left as it is. One that runs does
        not count as waiting.
        """
        return await self.jobs.enqueue(name, payload, due_at=due_at, key=key)

    async def cancel_job(self, key: str) -> bool:
        """Remove the job that waits under a key; false where none waits, or it runs."""
        return await self.jobs.cancel(key)


class Store:
    """One database. Every method may raise `StoreUnavailable`; then nothing was written.

    Only where it is a `CommitLost` nobody knows.
    """

    def __init__(self, backend: Backend) -> None:
        """Take the database; `Store.open` is the usual way."""
        self._backend = backend

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["Store"]:
        """Open `sqlite:///path` or `postgresql://…`, and close it in the end.

        Nothing is connected yet; `migrate` or `ping` tell whether the database is there.

        Raises:
            ConfigurationError: the URL is neither.
            StoreUnavailable: the folder of a file cannot be made.
        """
        async with translated():
            backend = backend_of(store_url(url))
        try:
            yield cls(backend)
        finally:
            await backend.close()

    @property
    def kind(self) -> str:
        """Return `sqlite` or `postgres`."""
        return self._backend.kind

    @property
    def queue(self) -> "SqliteQueue | PostgresQueue":
        """Return the jobs as workers see them."""
        return self._backend.queue

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """Open a transaction: committed at the end of the block, rolled back on an exception.

        On SQLite there is one at a time, so nothing slow belongs inside.

        Raises:
            StoreUnavailable: the database did not do it; nothing was written.
            CommitLost: it did not answer to the commit; all was written, or nothing.
            Conflict: somebody else was first; nothing was written.
            Unstorable: a value has a character that cannot be stored; nothing was written.
        """
        async with translated(), self._backend.write() as connection:
            tx = Transaction(connection, self._backend.jobs(connection))
            yield tx
        if tx.jobs.added:
            self._backend.wake()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """Open a transaction for reading.

        SQLite shows the same moment to all its statements and refuses to write; Postgres
        shows each statement what is committed when it runs.
        """
        async with translated(), self._backend.read() as connection:
            yield Transaction(connection, self._backend.jobs(connection))

    async def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            StoreUnavailable: there is none.
        """
        async with translated(), self._backend.read() as connection:
            await connection.execute(PING)

    async def migrate(self) -> None:
        """Bring the tables to this version of Bylaw; safe from several processes at once.

        Raises:
            ConfigurationError: the database is of a newer Bylaw.
        """
        if await self._is_current():
            return
        async with translated(), self._backend.write() as connection:
            await migrate(connection)
            await self._backend.install_jobs(connection)

    async def require_current(self) -> None:
        """See that the tables are of this version, for those who must not change them.

        Raises:
            ConfigurationError: there are none, or they are of another version.
        """
        async with translated(), self._backend.read() as connection:
            found = await revision(connection)
        if found == HEAD:
            return
        if found is None:
            raise ConfigurationError("there is no store yet; `bylaw serve` makes one")
        if found in OLDER:
            text = "the store is of an older Bylaw; `bylaw serve` of this one upgrades it"
            raise ConfigurationError(text)
        raise ConfigurationError("the store was written by a newer Bylaw; use that version")

    async def _is_current(self) -> bool:
        async with translated(), self._backend.read() as connection:
            return await revision(connection) == HEAD


def backend_of(url: URL) -> Backend:
    """Return the database of a URL."""
    if url.get_backend_name() == "sqlite":
        return Sqlite(url)
    from bylaw.store.postgres import Postgres  # noqa: PLC0415 - SQLite starts faster without

    return Postgres(url)
