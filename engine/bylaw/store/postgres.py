"""A PostgreSQL database: a pool of connections."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from sqlalchemy import URL, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import create_async_engine

from bylaw.store import json
from bylaw.store.connection import Connection, ended
from bylaw.store.connection_postgres import FAILURES, PostgresDriver
from bylaw.store.failure import meaning
from bylaw.store.job_postgres import Jobs, install
from bylaw.store.pool import Pool
from bylaw.store.queue_postgres import PostgresQueue

CONNECTIONS = 16
WAIT_S = 10
# A server that hangs is one that does not answer; no statement of ours takes nearly so long.
ANSWER_S = 20


class Postgres:
    """The connections to one database."""

    kind = "postgres"

    def __init__(self, url: URL) -> None:
        """Prepare the pool; nothing is opened yet."""
        engine = create_async_engine(
            url,
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=WAIT_S,
            hide_parameters=True,
            json_serializer=json.dump,
            json_deserializer=json.load,
            connect_args={"timeout": WAIT_S, "command_timeout": ANSWER_S},
            # The driver begins and ends transactions itself.
            isolation_level="AUTOCOMMIT",
        )
        event.listen(engine.sync_engine, "checkout", still_open)
        event.listen(engine.sync_engine.pool, "reset", left_open)
        self._pool = Pool(engine, size=CONNECTIONS, wait_s=WAIT_S, usable=is_usable)
        self.queue = PostgresQueue(url, read=self.read, write=self.write)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        """Open a transaction."""
        async with self._connected(begins=True) as connection, ended(connection.driver):
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """Open a connection; each statement sees what is committed when it runs."""
        async with self._connected(begins=False) as connection:
            yield connection

    @asynccontextmanager
    async def _connected(self, *, begins: bool) -> AsyncIterator[Connection]:
        with understood():
            async with self._pool.connected() as taken:
                yield Connection(taken.alchemy, PostgresDriver(taken.driver, begins=begins))

    def jobs(self, connection: Connection) -> Jobs:
        """Return the jobs of a transaction."""
        return Jobs(connection)

    def wake(self) -> None:
        """Do nothing: the database wakes the workers of all processes."""

    async def install_jobs(self, connection: Connection) -> None:
        """Make PgQueuer's tables."""
        await install(connection)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()


def is_usable(driver: Any) -> bool:
    """Say whether a connection is open, with no transaction left in it."""
    return not driver.is_closed() and not driver.is_in_transaction()


def still_open(connection: Any, _record: object, _proxy: object) -> None:
    """Take another connection where the server has closed this one; costs no round trip."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def left_open(connection: Any, record: Any, _state: object) -> None:
    """Let go of a connection whose transaction has no end; costs no round trip."""
    driver = connection.driver_connection
    if not driver.is_closed() and driver.is_in_transaction():
        record.invalidate()


@contextmanager
def understood() -> Iterator[None]:
    """Turn failures of the driver into the exceptions of Bylaw."""
    try:
        yield
    except FAILURES as error:
        raise meaning(error) from error
