"""Rows of context: the shared records of a team, each with a version."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, String, Text, bindparam, cast, func, or_, select, update

from bylaw.base.plain import Plain
from bylaw.model.record import Collection, ContextRecord
from bylaw.store import json
from bylaw.store.connection import Connection
from bylaw.store.dialect import inserting, skipping
from bylaw.store.row import values_of
from bylaw.store.statement import Statement
from bylaw.store.table import context as table

c = table.c
ESCAPE = "/"
SPECIAL = str.maketrans({one: f"{ESCAPE}{one}" for one in f"{ESCAPE}%_"})
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


def collections_with(position: Callable[..., Any]) -> Select[Any]:
    """Return the query for the collections, where a database finds a text with this function."""
    name = func.substr(c.key, 1, position(c.key + "/", "/") - 1).label("name")
    query = select(name, func.count().label("count"), func.max(c.updated_at).label("updated_at"))
    return query.where(c.scope == bindparam("in_scope")).group_by(name).order_by(name)


COLLECTIONS = Statement(
    {"sqlite": collections_with(func.instr), "postgresql": collections_with(func.strpos)}
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
        return await self._all({"scope": scope, "prefix": prefix, "after": after, "limit": limit})

    async def search(
        self, scope: str, text: str, *, prefix: str = "", after: str = "", limit: int = 50
    ) -> tuple[ContextRecord, ...]:
        """Return records that have a text in their key or value, in any case, by key."""
        which = {"scope": scope, "prefix": prefix, "after": after, "limit": limit}
        inside = json.dump(text)[1:-1].translate(SPECIAL)
        return await self._all({**which, "text": text.translate(SPECIAL), "inside": inside})

    async def collections(self, scope: str) -> tuple[Collection, ...]:
        """Return the collections by name."""
        rows = await self._connection.long_rows(COLLECTIONS, {"in_scope": scope})
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

    async def _all(self, values: dict[str, Any]) -> tuple[ContextRecord, ...]:
        """Return the records of a page; it may be narrowed by a prefix, a text or both."""
        values["prefix"] = values["prefix"].translate(SPECIAL)
        query = page(with_prefix=bool(values["prefix"]), with_text="text" in values)
        rows = await self._connection.long_rows(query, values)
        return tuple(ContextRecord(**row._asdict()) for row in rows)


@cache
def page(*, with_prefix: bool, with_text: bool) -> Statement:
    """Return the query for a page of records, as far as it is narrowed."""
    query = select(table).where(c.scope == bindparam("scope"), c.key > bindparam("after"))
    if with_prefix:
        query = query.where(c.key.startswith(bindparam("prefix", type_=String), escape=ESCAPE))
    if with_text:
        in_key = c.key.icontains(bindparam("text", type_=String), escape=ESCAPE)
        in_value = cast(c.value, Text).icontains(bindparam("inside", type_=String), escape=ESCAPE)
        query = query.where(or_(in_key, in_value))
    return Statement(query.order_by(c.key).limit(bindparam("limit")))
