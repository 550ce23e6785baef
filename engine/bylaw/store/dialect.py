"""Statements that the two databases write alike but SQLAlchemy builds apart."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Protocol

from sqlalchemy import Dialect, Insert, Table

Change = Callable[[Any], Insert]


class Statements(Mapping[str, Insert]):
    """An insert for each dialect, built when it is asked for: one of the two never is."""

    def __init__(self, table: Table, change: Change) -> None:
        """Change the insert of a dialect by the same calls."""
        self._table = table
        self._change = change

    def __getitem__(self, dialect: str) -> Insert:
        """Return the insert of a dialect."""
        made: Insert = import_module(f"sqlalchemy.dialects.{dialect}").insert(self._table)
        return self._change(made)

    def __iter__(self) -> Iterator[str]:
        """Name the dialects."""
        return iter(("postgresql", "sqlite"))

    def __len__(self) -> int:
        """Count the dialects."""
        return 2


def inserting(table: Table, change: Change) -> Statements:
    """Return the insert for each dialect, changed by the same calls."""
    return Statements(table, change)


def skipping(table: Table) -> Statements:
    """Return the insert that leaves rows alone which are there."""
    return Statements(table, lambda insert: insert.on_conflict_do_nothing())


class Connected(Protocol):
    """A connection, as far as it says to what."""

    @property
    def dialect(self) -> Dialect:
        """Return the dialect of the database."""
        ...


def chosen(statements: Statements, connection: Connected) -> Insert:
    """Return the statement for a connection."""
    return statements[connection.dialect.name]
