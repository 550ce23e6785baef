"""One SQLite file: a single write connection behind a lock, and readers beside it.

Without the lock SQLite makes writers sleep and starve; without `BEGIN IMMEDIATE` a
transaction that reads first and writes then is refused as soon as two of them meet. Other
processes may use the same file; they wait for each other as long as `BUSY_MS`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bylaw.store import json
from bylaw.store.connection import Connection, ended
from bylaw.store.connection_sqlite import BUSY_MS, Channel, SqliteReader, SqliteWriter
from bylaw.store.job import Jobs
from bylaw.store.pool import Pool, Taken
from bylaw.store.queue_sqlite import SqliteQueue

READERS = 4
# So long waits a transaction for those of its own process.
WAIT_S = 30
PRAGMAS = (
    f"busy_timeout={BUSY_MS}",
    "journal_mode=WAL",
    "synchronous=FULL",
    "temp_store=MEMORY",
)
# A reader waits on its thread, and only where it must: see `SqliteReader`.
READING = (*PRAGMAS, "query_only=ON", "busy_timeout=0")


class Sqlite:
    """The connections to one file."""

    kind = "sqlite"

    def __init__(self, url: URL) -> None:
        """Prepare the engines; nothing is opened yet."""
        self.path = Path(str(url.database))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        writer = engine(url, size=1, pragmas=PRAGMAS)
        readers = engine(url, size=READERS, pragmas=READING)
        self._writer = Pool(writer, size=1, wait_s=WAIT_S)
        self._readers = Pool(readers, size=READERS, wait_s=WAIT_S)
        self._lock = asyncio.Lock()
        self._opened: tuple[int, int] | None = None
        self.queue = SqliteQueue(self.path, read=self.read, write=self.write)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        """Open a transaction that writes; there is one at a time."""
        async with self._lock, self._connected(self._writer) as taken:
            driver = SqliteWriter(taken.driver)
            async with ended(driver):
                yield Connection(taken.alchemy, driver)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """Open a transaction that sees one moment and cannot write."""
        async with self._connected(self._readers) as taken:
            driver = SqliteReader(taken.driver)
            async with ended(driver):
                yield Connection(taken.alchemy, driver)

    @asynccontextmanager
    async def _connected(self, pool: Pool) -> AsyncIterator[Taken]:
        await self._same_file()
        async with pool.connected() as taken:
            self._opened = self._opened or mark_of(self.path)
            yield taken

    async def _same_file(self) -> None:
        """Let go of a file that was removed or replaced; what it is told, nobody would find.

        Raises:
            FileNotFoundError: no file is there now.
        """
        found = mark_of(self.path)
        if self._opened in (None, found):
            return
        self._opened = None
        await self.close()
        if found is None:
            raise FileNotFoundError(self.path)

    def jobs(self, connection: Connection) -> Jobs:
        """Return the jobs of a transaction."""
        return Jobs(connection)

    def wake(self) -> None:
        """Tell the worker of this process that there are new jobs."""
        self.queue.added.set()

    async def install_jobs(self, connection: Connection) -> None:
        """Do nothing: the migrations have made the table."""

    async def close(self) -> None:
        """Close all connections."""
        await self._readers.close()
        await self._writer.close()


def mark_of(path: Path) -> tuple[int, int] | None:
    """Return what tells one file from another under the same name; nothing where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def engine(url: URL, *, size: int, pragmas: tuple[str, ...]) -> AsyncEngine:
    """Make an engine; its transactions are begun and ended by the driver."""

    async def channel() -> Channel:
        return cast("Channel", await Channel(Path(str(url.database))))

    made = create_async_engine(
        url,
        async_creator=channel,
        pool_size=size,
        max_overflow=0,
        pool_reset_on_return=None,
        hide_parameters=True,
        json_serializer=json.dump,
        json_deserializer=json.load,
    )

    def connected(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(made.sync_engine, "connect", connected)
    return made
