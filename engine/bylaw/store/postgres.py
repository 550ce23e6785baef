"""A PostgreSQL database: a pool of connections."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import URL, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bylaw.store import json
from bylaw.store.job_postgres import Jobs, install
from bylaw.store.queue_postgres import PostgresQueue

CONNECTIONS = 16
WAIT_S = 10


class Postgres:
    """The connections to one database."""

    kind = "postgres"

    def __init__(self, url: URL) -> None:
        """Prepare the pool; nothing is opened yet."""
        self._engine = create_async_engine(
            url,
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=WAIT_S,
            hide_parameters=True,
            json_serializer=json.dump,
            json_deserializer=json.load,
            connect_args={"timeout": WAIT_S},
        )
        event.listen(self._engine.sync_engine, "checkout", still_open)
        self._readers = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self.queue = PostgresQueue(url, read=self.read, write=self.write)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction."""
        async with self._engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection; each statement sees what is committed when it runs."""
        async with self._readers.connect() as connection:
            yield connection

    def jobs(self, connection: AsyncConnection) -> Jobs:
        """Return the jobs of a transaction."""
        return Jobs(connection)

    def wake(self) -> None:
        """Do nothing: the database wakes the workers of all processes."""

    async def install_jobs(self, connection: AsyncConnection) -> None:
        """Make PgQueuer's tables."""
        await install(connection)

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


def still_open(connection: Any, _record: object, _proxy: object) -> None:
    """Take another connection where the server has closed this one; costs no round trip."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError
