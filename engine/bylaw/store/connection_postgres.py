"""PostgreSQL as a transaction uses it: statements straight to asyncpg, which keeps their plans."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import asyncpg

from bylaw.base.errors import CommitLost
from bylaw.store.failure import sqlstate

# asyncpg calls it an internal error to use a connection that the server is about to close.
FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
# What a commit is refused for: a constraint that is checked late, a race.
ROLLED_BACK = ("23", "40")

Step = tuple[str, Sequence[Sequence[Any]]]


class PostgresDriver:
    """The statements of one connection, in a transaction or each by itself."""

    def __init__(self, connection: "asyncpg.Connection[Any]", *, begins: bool) -> None:
        """Begin a transaction with the first statement, if told."""
        self.connection = connection
        self._steps: list[Step] = []
        self._begins = begins

    async def rows(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run a statement and return its rows."""
        await self.settle()
        return await self.connection.fetch(text, *values)

    async def long_rows(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Do the same: the server is another process."""
        return await self.rows(text, values)

    async def change(self, text: str, values: Sequence[Any]) -> int:
        """Run a statement and return how many rows it touched."""
        await self.settle()
        return touched(await self.connection.execute(text, *values))

    def later(self, text: str, rows: Sequence[Sequence[Any]]) -> None:
        """Have a statement run for each of these rows, before the next one or the commit."""
        self._steps.append((text, rows))

    async def settle(self) -> None:
        """Begin, if that was not done, and run what was left for later."""
        if self._begins:
            self._begins = False
            await self.connection.execute("BEGIN")
        while self._steps:
            text, rows = self._steps.pop(0)
            if len(rows) == 1:
                await self.connection.execute(text, *rows[0])
            else:
                await self.connection.executemany(text, rows)

    async def commit(self) -> None:
        """End the transaction; what was left for later is in it.

        Raises:
            CommitLost: no answer came, so nobody here knows whether it was done.
        """
        if self._steps:
            await self.settle()
        if not self.connection.is_in_transaction():
            return
        try:
            await self.connection.execute("COMMIT")
        except (*FAILURES, OSError) as error:
            if sqlstate(error).startswith(ROLLED_BACK):
                raise
            raise CommitLost("the store did not answer to the commit") from error

    async def rollback(self) -> None:
        """End the transaction as if it had not been."""
        if not self.connection.is_closed() and self.connection.is_in_transaction():
            # What cannot be told that it is over has no connection, and is over: the failure
            # before this one is what there is to say.
            with suppress(*FAILURES, OSError):
                await self.connection.execute("ROLLBACK")


def touched(status: str) -> int:
    """Return the number of rows in what PostgreSQL says of a statement: `UPDATE 1`."""
    count = status.rpartition(" ")[2]
    return int(count) if count.isdecimal() else 0
