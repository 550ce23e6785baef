"""Statements that the two databases write alike but SQLAlchemy builds apart."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert
Statements = Mapping[str, Insert]


def inserting(table: Table, change: Callable[[Any], Insert]) -> Statements:
    """Return the insert for each dialect, changed by the same calls."""
    return {
        "postgresql": change(postgresql.insert(table)),
        "sqlite": change(sqlite.insert(table)),
    }


def skipping(table: Table) -> Statements:
    """Return the insert that leaves rows alone which are there."""
    return inserting(table, lambda insert: insert.on_conflict_do_nothing())


class Connected(Protocol):
    """A connection, as far as it says to what."""

    @property
    def dialect(self) -> Dialect:
        """Return the dialect of the database."""
        ...


def chosen(statements: Statements, connection: Connected) -> Insert:
    """Return the statement for a connection."""
    return statements[connection.dialect.name]
