import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bylaw.store.connection_sqlite import Channel, SqliteReader, SqliteWriter


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "plain.db"
    with closing(sqlite3.connect(file)) as connection:
        # Not WAL: there a writer can shut readers out for sure.
        connection.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, said TEXT)")
    return file


@pytest.fixture
async def channel(path: Path) -> AsyncIterator[Channel]:
    made = Channel(path)
    assert await made is made
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
def other(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


async def test_a_reader_waits_for_whoever_has_the_file_to_itself(
    channel: Channel, other: sqlite3.Connection
) -> None:
    channel.here.execute("PRAGMA busy_timeout=0")
    other.execute("BEGIN EXCLUSIVE")
    other.execute("INSERT INTO note VALUES (1, 'late')")
    reading = asyncio.ensure_future(SqliteReader(channel).rows("SELECT said FROM note", ()))
    await asyncio.sleep(0)

    waits = not reading.done()
    other.execute("COMMIT")

    assert waits
    assert await reading == [("late",)]


async def test_a_reader_sees_one_moment(channel: Channel, other: sqlite3.Connection) -> None:
    other.execute("PRAGMA journal_mode=WAL")
    reader = SqliteReader(channel)
    first = await reader.rows("SELECT count(*) FROM note", ())
    other.execute("INSERT INTO note VALUES (1, 'new')")

    second = await reader.rows("SELECT count(*) FROM note", ())
    await reader.rollback()
    third = await SqliteReader(channel).rows("SELECT count(*) FROM note", ())

    assert (first, second, third) == ([(0,)], [(0,)], [(1,)])


async def test_what_is_left_for_later_is_in_the_transaction(
    channel: Channel, other: sqlite3.Connection
) -> None:
    writer = SqliteWriter(channel)
    writer.later("INSERT INTO note VALUES (?, ?)", [(1, "a"), (2, "b")])

    seen = await writer.rows("SELECT said FROM note", ())
    await writer.rollback()

    assert seen == [("a",), ("b",)]
    assert other.execute("SELECT count(*) FROM note").fetchone() == (0,)


async def test_a_transaction_without_statements_never_begins(
    channel: Channel, other: sqlite3.Connection
) -> None:
    other.execute("BEGIN EXCLUSIVE")

    await SqliteWriter(channel).commit()
    await SqliteReader(channel).rollback()

    assert not channel.in_transaction
