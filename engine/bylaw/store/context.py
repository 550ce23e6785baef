"""Rows of context: the shared records of a team, each with a version."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, bindparam, cast, func, or_, select, update

from bylaw.base.plain import Plain
from bylaw.model.record import Collection, ContextRecord
from bylaw.store import json
from bylaw.store.connection import Connection
from bylaw.store.dialect import inserting, skipping
from bylaw.store.row import values_of
from bylaw.store.statement import Statement
from bylaw.store.table import context as table

c = table.c
POSITION = {"sqlite": func.instr, "postgresql": func.strpos}
GET = Statement(
    select(table).where(c.scope == bindparam("in_scope"), c.key == bindparam("with_key"))
)
ADD = Statement(skipping(table))
PUT = Statement(
    inserting(
        table,
        lambda insert: insert.on_conflict_do_update(
            index_elements=[c.scope, c.key],
            set_={
                "value": insert.excluded.value,
                "version": c.version + 1,
                "updated_at": insert.excluded.updated_at,
                "updated_by": insert.excluded.updated_by,
            },
        ).returning(c.version),
    )
)
CHANGE = Statement(
    update(table)
    .where(
        c.scope == bindparam("in_scope"),
        c.key == bindparam("with_key"),
        c.version == bindparam("expected_version"),
    )
    .values(
        value=bindparam("value"),
        version=c.version + 1,
        updated_at=bindparam("updated_at"),
        updated_by=bindparam("updated_by"),
    )
)


class Context:
    """The shared records of one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection of the transaction."""
        self._connection = connection

    async def get(self, scope: str, key: str) -> ContextRecord | None:
        """Return a record."""
        row = await self._connection.row(GET, {"in_scope": scope, "with_key": key})
        return None if row is None else ContextRecord(**row._asdict())

    async def put(
        self,
        scope: str,
        key: str,
        *,
        value: Plain,
        by: str,
        at: datetime,
        expected_version: int | None = None,
    ) -> ContextRecord | None:
        """Write a record; nothing comes back where it has another version than expected.

        `expected_version` 0 means that it must not be there; without it the last one wins.
        """
        version = 1 if expected_version is None else expected_version + 1
        record = ContextRecord(
            scope=scope, key=key, value=value, version=version, updated_at=at, updated_by=by
        )
        match expected_version:
            case None:
                return await self._put(record)
            case 0:
                return await self._add(record)
            case _:
                return await self._change(record, expected_version=expected_version)

    async def page(
        self, scope: str, *, prefix: str = "", after: str = "", limit: int = 50
    ) -> tuple[ContextRecord, ...]:
        """Return records by key; `after` is the key that a page ended with."""
        return await self._all(page(scope, prefix=prefix, after=after, limit=limit))

    async def search(
        self, scope: str, text: str, *, prefix: str = "", after: str = "", limit: int = 50
    ) -> tuple[ContextRecord, ...]:
        """Return records that have a text in their key or value, in any case, by key."""
        query = page(scope, prefix=prefix, after=after, limit=limit)
        inside = cast(c.value, Text).icontains(json.dump(text)[1:-1], autoescape=True)
        return await self._all(query.where(or_(c.key.icontains(text, autoescape=True), inside)))

    async def collections(self, scope: str) -> tuple[Collection, ...]:
        """Return the collections by name."""
        slash = POSITION[self._connection.dialect.name](c.key + "/", "/")
        name = func.substr(c.key, 1, slash - 1)
        query = select(name, func.count(), func.max(c.updated_at)).where(c.scope == scope)
        rows = (await self._connection.execute(query.group_by(name).order_by(name))).all()
        return tuple(Collection(name=row[0], count=row[1], updated_at=row[2]) for row in rows)

    async def _put(self, record: ContextRecord) -> ContextRecord:
        version = (await self._connection.row(PUT, values_of(record)))[0]
        return ContextRecord(**values_of(record) | {"version": version})

    async def _add(self, record: ContextRecord) -> ContextRecord | None:
        added = await self._connection.change(ADD, values_of(record))
        return record if added == 1 else None

    async def _change(
        self, record: ContextRecord, *, expected_version: int
    ) -> ContextRecord | None:
        values = {
            "in_scope": record.scope,
            "with_key": record.key,
            "expected_version": expected_version,
            "value": record.value,
            "updated_at": record.updated_at,
            "updated_by": record.updated_by,
        }
        changed = await self._connection.change(CHANGE, values)
        return record if changed == 1 else None

    async def _all(self, query: Select[Any]) -> tuple[ContextRecord, ...]:
        rows = (await self._connection.execute(query)).all()
        return tuple(ContextRecord(**row._asdict()) for row in rows)


def page(scope: str, *, prefix: str, after: str, limit: int) -> Select[Any]:
    """Return the query for a page of records under a prefix."""
    query = select(table).where(c.scope == scope, c.key > after)
    if prefix:
        query = query.where(c.key.startswith(prefix, autoescape=True))
    return query.order_by(c.key).limit(limit)
