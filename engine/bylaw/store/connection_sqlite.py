"""SQLite as a transaction uses it: few trips to the thread that has the connection.

A trip costs more than a statement. So a transaction that writes begins with its first statement,
a statement brings its rows along, and what nobody waits for goes with the next trip. One that
reads makes no trip at all unless somebody stands in its way: in WAL nobody usually does, and a
row by its key is there in microseconds.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from bylaw.store.connection import unbroken

# So long waits a transaction for other processes that use the file.
BUSY_MS = 10_000
T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
Step = tuple[str, Sequence[Sequence[Any]]]


class Channel(aiosqlite.Connection):
    """aiosqlite's connection, that does several things in one trip."""

    def __init__(self, path: Path) -> None:
        """Prepare a connection to a file; its thread does not hold the process."""
        super().__init__(lambda: connect(path), iter_chunk_size=64)
        self._thread.daemon = True

    async def trip(self, work: Work[T]) -> T:
        """Have some work done on the connection's thread."""
        future = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((future, partial(work, self._conn)))
        done: T = await unbroken(future)
        return done

    @property
    def here(self) -> sqlite3.Connection:
        """Return the connection for use on this thread, while no trip is under way."""
        return self._conn


def connect(path: Path) -> sqlite3.Connection:
    """Connect to a file; whoever uses the connection sees to it that it is one at a time."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


class SqliteWriter:
    """The statements of one transaction that writes."""

    def __init__(self, channel: Channel) -> None:
        """Begin with the first statement; wait then for other processes that write."""
        self._channel = channel
        self._steps: list[Step] = [("BEGIN IMMEDIATE", ((),))]
        self._is_open = False

    async def rows(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run a statement and return its rows."""
        return await self._trip(lambda connection: connection.execute(text, values).fetchall())

    async def long_rows(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Do the same: it is on the thread in any case."""
        return await self.rows(text, values)

    async def change(self, text: str, values: Sequence[Any]) -> int:
        """Run a statement and return how many rows it touched."""
        return await self._trip(lambda connection: connection.execute(text, values).rowcount)

    def later(self, text: str, rows: Sequence[Sequence[Any]]) -> None:
        """Have a statement run for each of these rows, before the next one or the commit."""
        self._steps.append((text, rows))

    async def settle(self) -> None:
        """Begin, if that was not done, and run what was left for later."""
        if self._steps:
            await self._trip(nothing)

    async def commit(self) -> None:
        """End the transaction; what was left for later is in it."""
        if self._is_open or len(self._steps) > 1:
            await self._trip(sqlite3.Connection.commit)

    async def rollback(self) -> None:
        """End the transaction as if it had not been."""
        if self._is_open:
            await self._channel.trip(sqlite3.Connection.rollback)

    async def _trip(self, work: Work[T]) -> T:
        steps, self._steps, self._is_open = self._steps, [], True
        return await self._channel.trip(lambda connection: run(connection, steps, work))


def run(connection: sqlite3.Connection, steps: Sequence[Step], work: Work[T]) -> T:
    """Do what was left for later, then the work."""
    for text, rows in steps:
        if len(rows) == 1:
            connection.execute(text, rows[0])
        else:
            connection.executemany(text, rows)
    return work(connection)


def nothing(_connection: sqlite3.Connection) -> None:
    """Do nothing: the steps before are all."""


class SqliteReader:
    """The statements of one transaction that reads."""

    def __init__(self, channel: Channel) -> None:
        """Begin with the first statement, which decides what the others see."""
        self._channel = channel
        self._is_open = False
        self._made_trips = False

    async def rows(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run a statement and return its rows."""
        try:
            return self._begun().execute(text, values).fetchall()
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise
            return await self._trip(lambda connection: patient(connection, text, values))

    async def long_rows(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run a statement on the thread and return its rows."""
        self._begun()
        return await self._trip(lambda connection: patient(connection, text, values))

    async def change(self, text: str, values: Sequence[Any]) -> int:
        """Run a statement that the connection refuses; return what no one gets."""
        return len(await self.rows(text, values))

    def later(self, text: str, rows: Sequence[Sequence[Any]]) -> None:
        """Refuse: who only reads leaves nothing to be written."""
        raise sqlite3.OperationalError(f"a readonly transaction has {len(rows)} rows for {text}")

    async def settle(self) -> None:
        """Begin, if that was not done; what comes now is SQLAlchemy's, and makes trips."""
        self._made_trips = True
        self._begun()

    async def commit(self) -> None:
        """End the transaction."""
        await self.rollback()

    async def rollback(self) -> None:
        """End the transaction, after the trips that it made."""
        if self._made_trips:
            await self._channel.trip(sqlite3.Connection.rollback)
        elif self._is_open:
            self._channel.here.rollback()

    def _begun(self) -> sqlite3.Connection:
        connection = self._channel.here
        if not self._is_open:
            connection.execute("BEGIN")
            self._is_open = True
        return connection

    async def _trip(self, work: Work[T]) -> T:
        self._made_trips = True
        return await self._channel.trip(work)


def is_busy(error: sqlite3.OperationalError) -> bool:
    """Say whether another process stands in the way."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def patient(connection: sqlite3.Connection, text: str, values: Sequence[Any]) -> list[Any]:
    """Run a statement, and wait for whoever stands in its way."""
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    try:
        return connection.execute(text, values).fetchall()
    finally:
        connection.execute("PRAGMA busy_timeout=0")
