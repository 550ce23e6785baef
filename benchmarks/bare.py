"""What the database takes by itself: the very statements of runs, recorded and then replayed.

They are recorded where the drivers get them, text and parameters, and replayed on a database of
their own, with the pool, settings and, on SQLite, the lock that an application needs, and nothing
of ours around them: through SQLAlchemy's asynchronous engine, or on the driver alone.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiosqlite
import asyncpg
from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from benchmarks.record import Statement, Transaction, is_read, is_write
from bylaw.store.postgres import CONNECTIONS
from bylaw.store.sqlite import PRAGMAS
from bylaw.store.store import Store
from bylaw.store.url import store_url

Replay = Callable[[Transaction], Awaitable[None]]


def least(transaction: Transaction) -> Transaction:
    """Return the least that a step needs: read the instance, write it, add one row."""
    read = next(filter(is_read, transaction))
    update = next(one for one in transaction if is_write(one, "instance"))
    insert = next(one for one in transaction if is_write(one, "history"))
    return (read, update, insert)


@asynccontextmanager
async def replaying(url: str) -> AsyncIterator[Replay]:
    """Give how to replay a transaction on a database."""
    place = store_url(url)
    is_sqlite = place.get_backend_name() == "sqlite"
    engine = sqlite(place) if is_sqlite else postgres(place)
    lock = asyncio.Lock()

    async def alone(transaction: Transaction) -> None:
        async with lock, engine.begin() as connection:
            await run(connection, transaction)

    async def together(transaction: Transaction) -> None:
        async with engine.begin() as connection:
            await run(connection, transaction)

    try:
        yield alone if is_sqlite else together
    finally:
        await engine.dispose()


@asynccontextmanager
async def on_driver(url: str) -> AsyncIterator[Replay]:
    """Give how to replay a transaction on aiosqlite or asyncpg themselves."""
    place = store_url(url)
    on = on_aiosqlite if place.get_backend_name() == "sqlite" else on_asyncpg
    async with on(url) as replay:
        yield replay


@asynccontextmanager
async def on_aiosqlite(url: str) -> AsyncIterator[Replay]:
    """Give how to replay a transaction on aiosqlite."""
    lock = asyncio.Lock()
    async with aiosqlite.connect(str(store_url(url).database), isolation_level=None) as database:
        for pragma in PRAGMAS:
            await database.execute(f"PRAGMA {pragma}")

        async def replay(transaction: Transaction) -> None:
            async with lock:
                await database.execute("BEGIN IMMEDIATE")
                for one in transaction:
                    if is_read(one):
                        await database.execute_fetchall(one.text, one.rows[0])
                    else:
                        await database.executemany(one.text, one.rows)
                await database.commit()

        yield replay


@asynccontextmanager
async def on_asyncpg(url: str) -> AsyncIterator[Replay]:
    """Give how to replay a transaction on asyncpg."""
    async with asyncpg.create_pool(url, min_size=1, max_size=CONNECTIONS) as pool:

        async def replay(transaction: Transaction) -> None:
            async with pool.acquire() as connection, connection.transaction():
                for one in transaction:
                    if is_read(one):
                        await connection.fetch(one.text, *one.rows[0])
                    else:
                        await connection.executemany(one.text, one.rows)

        yield replay


async def run(connection: AsyncConnection, transaction: Transaction) -> None:
    """Run the statements; what they read is read, and what they write is there."""
    for statement in transaction:
        result = await connection.exec_driver_sql(statement.text, parameters_of(statement))
        if result.returns_rows:
            result.all()
        else:
            assert result.rowcount != 0


def parameters_of(statement: Statement) -> Any:
    """Return the parameters as SQLAlchemy takes them: one row, or several."""
    return statement.rows[0] if len(statement.rows) == 1 else list(statement.rows)


async def prepare(url: str, transactions: list[Transaction]) -> None:
    """Make all tables, and have these transactions happen."""
    async with Store.open(url) as store:
        await store.migrate()
    async with replaying(url) as replay:
        for transaction in transactions:
            await replay(transaction)


def postgres(url: URL) -> AsyncEngine:
    """Return an engine with as large a pool as ours."""
    return create_async_engine(url, pool_size=CONNECTIONS, max_overflow=0)


def sqlite(url: URL) -> AsyncEngine:
    """Return an engine that begins a write as one, with our settings of the file."""
    made = create_async_engine(url, pool_size=1, max_overflow=0, pool_reset_on_return=None)

    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(made.sync_engine, "connect", connected)
    event.listen(made.sync_engine, "begin", begun)
    return made
