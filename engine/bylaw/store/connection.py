"""One transaction's connection: the statements of the modules run straight on its driver.

What is built anew each time goes through SQLAlchemy, in the same transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection as SyncConnection
from sqlalchemy import CursorResult, Dialect, Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from bylaw.store.statement import Statement, Values

T = TypeVar("T")
NONE: Values = {}
Result = CursorResult[*tuple[Any, ...]]


class Driver(Protocol):
    """What a database's driver does in one transaction; it begins with the first statement."""

    async def rows(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run a statement and return its rows."""
        ...

    async def long_rows(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run a statement that may look at many rows, so that it holds nobody else up."""
        ...

    async def change(self, text: str, values: Sequence[Any]) -> int:
        """Run a statement and return how many rows it touched."""
        ...

    def later(self, text: str, rows: Sequence[Sequence[Any]]) -> None:
        """Have a statement run for each of these rows, before the next one or the commit."""
        ...

    async def settle(self) -> None:
        """Begin, if that was not done, and run what was left for later."""
        ...

    async def commit(self) -> None:
        """End the transaction; what was left for later is in it."""
        ...

    async def rollback(self) -> None:
        """End the transaction as if it had not been."""
        ...


class Connection:
    """A connection in its transaction."""

    def __init__(self, alchemy: AsyncConnection, driver: Driver) -> None:
        """Take SQLAlchemy's connection and the driver below it."""
        self.alchemy = alchemy
        self.driver = driver
        self.dialect: Dialect = alchemy.dialect

    async def rows(self, statement: Statement, values: Values = NONE) -> list[Any]:
        """Run a statement and return its rows."""
        ready = statement.on(self.dialect, values)
        return [ready.read(row) for row in await self.driver.rows(ready.text, ready.bound(values))]

    async def long_rows(self, statement: Statement, values: Values = NONE) -> list[Any]:
        """Run a statement that may look at many rows, so that it holds nobody else up."""
        ready = statement.on(self.dialect, values)
        found = await self.driver.long_rows(ready.text, ready.bound(values))
        return [ready.read(row) for row in found]

    async def row(self, statement: Statement, values: Values = NONE) -> Any:
        """Run a statement and return its first row, or nothing."""
        found = await self.rows(statement, values)
        return found[0] if found else None

    async def change(self, statement: Statement, values: Values = NONE) -> int:
        """Run a statement and return how many rows it touched."""
        ready = statement.on(self.dialect, values)
        return await self.driver.change(ready.text, ready.bound(values))

    def later(self, statement: Statement, rows: Iterable[Values]) -> None:
        """Have rows written whose outcome nobody waits for; the commit fails if they do."""
        taken = list(rows)
        if taken:
            ready = statement.on(self.dialect, taken[0])
            self.driver.later(ready.text, [ready.bound(values) for values in taken])

    async def execute(self, statement: Executable, values: Any = None) -> Result:
        """Run a statement that is built anew each time; return SQLAlchemy's result."""
        await self.driver.settle()
        return await unbroken(self.alchemy.execute(statement, values))

    async def run_sync(self, work: Callable[[SyncConnection], T]) -> T:
        """Run what only knows SQLAlchemy's own connection: the migrations."""
        await self.driver.settle()
        if not self.alchemy.in_transaction():
            # Else Alembic begins one of its own, and commits ours with it.
            _ = await self.alchemy.begin()
        return await unbroken(self.alchemy.run_sync(work))

    async def exec_driver_sql(self, text: str, values: Any = None) -> Result:
        """Run SQL as it stands."""
        await self.driver.settle()
        return await unbroken(self.alchemy.exec_driver_sql(text, values))


@asynccontextmanager
async def ended(driver: Driver) -> AsyncIterator[None]:
    """Commit at the end of the block; roll back on an exception, also on a cancelled call."""
    try:
        yield
        await driver.commit()
    except BaseException:
        await unbroken(driver.rollback())
        raise


async def unbroken(work: Awaitable[T]) -> T:
    """Wait until work is done, also when the call is cancelled meanwhile; then it is.

    A connection that is given back in the middle of a statement is in the way of the next call,
    and SQLAlchemy closes one whose statement was cut off, before we could end its transaction.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        raise
