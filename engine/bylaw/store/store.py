"""The store: transactions over SQLite or PostgreSQL, and what can be read and written there."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bylaw.store.answer import Answers
from bylaw.store.archive import Documents, Snapshots
from bylaw.store.audit import Audit
from bylaw.store.context import Context
from bylaw.store.effect import Effects
from bylaw.store.failure import translated
from bylaw.store.history import History
from bylaw.store.instance import Instances
from bylaw.store.migration import HEAD, migrate, revision
from bylaw.store.postgres import Postgres
from bylaw.store.sqlite import Sqlite
from bylaw.store.timer import Timers
from bylaw.store.url import store_url

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
        "snapshots",
        "timers",
    )

    def __init__(self, connection: AsyncConnection) -> None:
        """Open the nouns of the store over one connection."""
        self.instances = Instances(connection)
        self.history = History(connection)
        self.effects = Effects(connection)
        self.timers = Timers(connection)
        self.context = Context(connection)
        self.answers = Answers(connection)
        self.audit = Audit(connection)
        self.documents = Documents(connection)
        self.snapshots = Snapshots(connection)


class Backend(Protocol):
    """What the two databases do differently."""

    @property
    def kind(self) -> str:
        """Return `sqlite` or `postgres`."""
        ...

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open a transaction that writes."""
        ...

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open a connection that reads."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class Store:
    """One database. Every method may raise `StoreUnavailable`; then nothing was written."""

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

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """Open a transaction: committed at the end of the block, rolled back on an exception.

        On SQLite there is one at a time, so nothing slow belongs inside.

        Raises:
            StoreUnavailable: the database did not do it; nothing was written.
            Conflict: somebody else was first; nothing was written.
            Unstorable: a value has a character that cannot be stored; nothing was written.
        """
        async with translated(), self._backend.write() as connection:
            yield Transaction(connection)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """Open a transaction for reading.

        SQLite shows the same moment to all its statements and refuses to write; Postgres
        shows each statement what is committed when it runs.
        """
        async with translated(), self._backend.read() as connection:
            yield Transaction(connection)

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

    async def _is_current(self) -> bool:
        async with translated(), self._backend.read() as connection:
            return await revision(connection) == HEAD


def backend_of(url: URL) -> Backend:
    """Return the database of a URL."""
    return Sqlite(url) if url.get_backend_name() == "sqlite" else Postgres(url)
