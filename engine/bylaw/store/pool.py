"""Connections kept at hand: SQLAlchemy's way to one costs more than most that is asked over it.

SQLAlchemy makes them. It gets back each that it was itself used on, or that something went
wrong with, and does with it as it always does.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


class Taken(NamedTuple):
    """A connection as SQLAlchemy has it, and the driver's own below it."""

    alchemy: AsyncConnection
    driver: Any


def always(_driver: object) -> bool:
    """Say that a connection can go on being used."""
    return True


class Pool:
    """At most `size` connections of an engine, whose own pool has as many."""

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        size: int,
        wait_s: float,
        usable: Callable[[Any], bool] = always,
    ) -> None:
        """Begin with none; `usable` says of a driver's connection whether it may be kept."""
        self._engine = engine
        self._wait_s = wait_s
        self._usable = usable
        self._turns = asyncio.Semaphore(size)
        self._idle: list[Taken] = []
        self._closings = 0

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Taken]:
        """Take a connection for a while.

        Raises:
            TimeoutError: none became free.
        """
        await self._turn()
        try:
            closings = self._closings
            taken = await self._taken()
            try:
                yield taken
            except BaseException:
                await given_back(taken)
                raise
            if closings == self._closings and self._is_clean(taken):
                self._idle.append(taken)
            else:
                await given_back(taken)
        finally:
            self._turns.release()

    async def close(self) -> None:
        """Close all connections; those in use are closed when they come back."""
        self._closings += 1
        while self._idle:
            await given_back(self._idle.pop())
        await self._engine.dispose()

    async def _turn(self) -> None:
        if not self._turns.locked():
            await self._turns.acquire()
            return
        async with asyncio.timeout(self._wait_s):
            await self._turns.acquire()

    async def _taken(self) -> Taken:
        while self._idle:
            taken = self._idle.pop()
            if self._usable(taken.driver):
                return taken
            await given_back(taken)
        alchemy = await self._engine.connect()
        try:
            raw = await alchemy.get_raw_connection()
        except BaseException:
            await asyncio.shield(alchemy.close())
            raise
        return Taken(alchemy, raw.driver_connection)

    def _is_clean(self, taken: Taken) -> bool:
        return not taken.alchemy.in_transaction() and self._usable(taken.driver)


async def given_back(taken: Taken) -> None:
    """Give a connection back to SQLAlchemy, also when the call is cancelled."""
    await asyncio.shield(taken.alchemy.close())
