"""Statements that the two databases write alike but SQLAlchemy builds apart."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

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


def chosen(statements: Statements, connection: AsyncConnection) -> Insert:
    """Return the statement for a connection."""
    return statements[connection.dialect.name]
