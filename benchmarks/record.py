"""Recording: the statements that reach the drivers of the databases, transaction by transaction.

At the drivers, since the store may go past SQLAlchemy.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import asyncpg
from sqlalchemy import Engine, event

# What parts transactions: sqlite3 ends them without a statement.
PARTS = ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as the driver got it, with one row of parameters or several."""

    text: str
    rows: tuple[tuple[Any, ...], ...]


Transaction = tuple[Statement, ...]


@dataclass(slots=True)
class Recorder:
    """Keeps transactions in the order in which they end."""

    _done: list[list[Statement]] = field(default_factory=list)
    _open: dict[int, list[Statement]] = field(default_factory=dict)

    def hear(self, connection: int, text: str, rows: Sequence[Sequence[Any]]) -> None:
        """Keep a statement that a connection is told."""
        before = self._open.pop(connection, [])
        if text.startswith(PARTS):
            self._done.append(before)
        elif text.startswith("BEGIN"):
            # SQLAlchemy tells of the first statement before it begins: `BEGIN;`.
            self._open[connection] = before[-1:] if text.endswith(";") else []
        else:
            statement = Statement(text, tuple(map(tuple, rows)))
            self._open[connection] = [*before, statement]

    def taken(self) -> list[Transaction]:
        """Return the transactions that write an instance, and forget all that was kept."""
        every = [*self._done, *self._open.values()]
        self._done, self._open = [], {}
        return [tuple(one) for one in every if any(is_write(part, "instance") for part in one)]


def is_read(statement: Statement) -> bool:
    """Say whether a statement asks for rows."""
    return statement.text.startswith("SELECT")


def is_write(statement: Statement, table: str) -> bool:
    """Say whether a statement writes this table."""
    return statement.text.startswith((f"UPDATE {table} ", f"INSERT INTO {table} "))


@contextmanager
def recorded() -> Iterator[Recorder]:
    """Record what reaches the drivers; of SQLite on connections that are made from now on."""
    recorder = Recorder()
    with of_sqlite(recorder), of_asyncpg(recorder), of_alchemy(recorder):
        yield recorder


@contextmanager
def of_sqlite(recorder: Recorder) -> Iterator[None]:
    """Have sqlite3 make cursors that tell what they run."""

    class Cursor(sqlite3.Cursor):
        def execute(self, text: str, values: Any = ()) -> sqlite3.Cursor:
            recorder.hear(id(self.connection), text, [values])
            return super().execute(text, values)

        def executemany(self, text: str, rows: Any) -> sqlite3.Cursor:
            every = list(rows)
            recorder.hear(id(self.connection), text, every)
            return super().executemany(text, every)

    class Recorded(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def execute(self, text: str, values: Any = ()) -> sqlite3.Cursor:
            return self.cursor().execute(text, values)

        def executemany(self, text: str, rows: Any) -> sqlite3.Cursor:
            return self.cursor().executemany(text, rows)

    plain = sqlite3.connect
    sqlite3.connect = partial(plain, factory=Recorded)
    try:
        yield
    finally:
        sqlite3.connect = plain


@contextmanager
def of_asyncpg(recorder: Recorder) -> Iterator[None]:
    """Have asyncpg's connections tell what they run, but for what SQLAlchemy prepares."""
    plain = {name: getattr(asyncpg.Connection, name) for name in ("execute", "fetch")}

    def telling(name: str) -> Any:
        async def run(self: Any, text: str, *values: Any, **named: Any) -> Any:
            recorder.hear(id(self), text, [values])
            return await plain[name](self, text, *values, **named)

        return run

    for name in plain:
        setattr(asyncpg.Connection, name, telling(name))
    try:
        yield
    finally:
        for name, method in plain.items():
            setattr(asyncpg.Connection, name, method)


@contextmanager
def of_alchemy(recorder: Recorder) -> Iterator[None]:
    """Have SQLAlchemy tell what it prepares for asyncpg."""

    def prepared(connection: Any, _cursor: object, text: str, values: Any, *more: Any) -> None:
        if connection.dialect.name == "postgresql":
            driver = connection.connection.driver_connection
            is_many = more[-1]
            recorder.hear(id(driver), text, values if is_many else [values])

    event.listen(Engine, "before_cursor_execute", prepared)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", prepared)
