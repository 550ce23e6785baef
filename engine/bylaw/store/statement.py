"""Statements that never change: SQLAlchemy writes their SQL once, the drivers run it.

SQLAlchemy's way through an execution costs more than SQLite or PostgreSQL need for the whole
statement. Here it is gone once; what is left is binding values and reading rows.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect, Executable, Float, Insert
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Process = Callable[[Any], Any]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bind:
    """One parameter: the key of its value, the value without one, and how it is written."""

    key: str
    default: Any
    process: Process | None


@dataclass(frozen=True, slots=True)
class Ready:
    """A statement for one database: its text, its parameters in order, and its rows."""

    text: str
    binds: tuple[Bind, ...]
    row: Callable[[Sequence[Any]], Any]
    readers: tuple[tuple[int, Process], ...]

    def bound(self, values: Values) -> list[Any]:
        """Return the parameters in the order of the text."""
        return [
            values.get(bind.key, bind.default)
            if bind.process is None
            else bind.process(values.get(bind.key, bind.default))
            for bind in self.binds
        ]

    def read(self, found: Sequence[Any]) -> Any:
        """Return a row as the driver found it with its names and types."""
        cells = list(found)
        for index, process in self.readers:
            cells[index] = process(cells[index])
        return self.row(cells)


class Statement:
    """A statement of a module, compiled on its first use and kept.

    It has no parameter that takes a list. The values of an insert always have the same keys.
    """

    def __init__(self, source: Executable | Mapping[str, Executable]) -> None:
        """Take the statement, or one for each dialect by its name."""
        self._source = source
        self._ready: dict[str, Ready] = {}

    def on(self, dialect: Dialect, values: Values) -> Ready:
        """Return the statement for a database."""
        ready = self._ready.get(dialect.name)
        if ready is None:
            ready = self._ready[dialect.name] = made(self._of(dialect), dialect, values)
        return ready

    def _of(self, dialect: Dialect) -> Executable:
        source = self._source
        return source[dialect.name] if isinstance(source, Mapping) else source


def made(source: Any, dialect: Dialect, values: Values) -> Ready:
    """Compile a statement for a database."""
    keys = list(values) if isinstance(source, Insert) else None
    compiled: SQLCompiler = source.compile(dialect=dialect, column_keys=keys)
    columns = source.exported_columns
    readers = [reader_of(one.type, dialect) for one in columns]
    return Ready(
        text=compiled.string,
        binds=tuple(bind_of(compiled, name) for name in compiled.positiontup or ()),
        row=row_type(columns.keys()),
        readers=tuple((index, one) for index, one in enumerate(readers) if one is not None),
    )


def reader_of(kind: TypeEngine[Any], dialect: Dialect) -> Process | None:
    """Return what makes a value of a column out of what the driver gives, if anything has to."""
    # Both drivers give floats; SQLAlchemy would want to see PostgreSQL's number of the type.
    if isinstance(kind, Float):
        return None
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def row_type(names: list[str]) -> Callable[[Sequence[Any]], Any]:
    """Return what makes a row with these names."""
    make: Any = namedtuple  # noqa: PYI024  the names are data here
    made: Callable[[Sequence[Any]], Any] = make("Row", names)._make
    return made


def bind_of(compiled: SQLCompiler, name: str) -> Bind:
    """Return one parameter of a compiled statement."""
    bind = compiled.binds[name]
    if bind.expanding:
        raise TypeError(f"`{name}` takes a list; such a statement is not the same each time")
    default = None if bind.required else bind.effective_value
    dialect = compiled.dialect
    return Bind(bind.key, default, bind.type.dialect_impl(dialect).bind_processor(dialect))
