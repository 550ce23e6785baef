"""SQLite as a transaction uses it: few trips to the thread that has the connection.

A trip costs as much as a statement. So a transaction begins with its first statement, a
statement brings its rows along, and what nobody waits for goes with the next trip.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
Step = tuple[str, Sequence[Sequence[Any]]]


class Channel(aiosqlite.Connection):
    """aiosqlite's connection, that does several things in one trip."""

    def __init__(self, path: Path) -> None:
        """Prepare a connection to a file; its thread does not hold the process."""
        super().__init__(lambda: sqlite3.connect(path, isolation_level=None), 64)
        self._thread.daemon = True

    async def trip(self, work: Work[T]) -> T:
        """Have some work done on the connection's thread."""
        future = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((future, partial(work, self._conn)))
        done: T = await future
        return done

    def soon(self, work: Work[Any]) -> None:
        """Have some work done that nobody waits for, before all that comes later."""
        self._tx.put_nowait((None, partial(work, self._conn)))


class SqliteDriver:
    """The statements of one transaction."""

    def __init__(self, channel: Channel, begin: str) -> None:
        """Begin as told, with the first statement."""
        self._channel = channel
        self._steps: list[Step] = [(begin, ((),))]
        self._is_open = False

    async def rows(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run a statement and return its rows."""
        return await self._trip(lambda connection: connection.execute(text, values).fetchall())

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

    def leave(self) -> None:
        """End a transaction that only read; nobody waits for it."""
        if self._is_open:
            self._channel.soon(sqlite3.Connection.rollback)

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
