"""Rows of instances: where each workflow stands."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    select,
    tuple_,
    update,
)

from bylaw.base.plain import Plain
from bylaw.model.instance import Instance
from bylaw.store import json
from bylaw.store.connection import Connection
from bylaw.store.dialect import skipping
from bylaw.store.statement import Statement
from bylaw.store.table import effect, is_open, is_waiting, timer
from bylaw.store.table import instance as table

c = table.c
BY_ID = Statement(select(table).where(c.scope == bindparam("scope"), c.id == bindparam("id")))
BY_KEY = and_(
    c.scope == bindparam("scope"),
    c.workflow == bindparam("workflow"),
    c.key == bindparam("key"),
)
OPEN_BY_KEY = Statement(select(table).where(BY_KEY, is_open))
AFTER = and_(c.scope == bindparam("scope"), c.id == bindparam("after"))
STARTED_AT = select(c.started_at).where(AFTER).scalar_subquery()
COUNT_OF_KEY = Statement(select(func.count()).select_from(table).where(BY_KEY))
HAS_CALLS = exists().where(effect.c.scope == c.scope, effect.c.instance == c.id)
HAS_TIMERS = exists().where(timer.c.scope == c.scope, timer.c.instance == c.id, is_waiting)
INSERT = Statement(skipping(table))
COLUMNS = tuple(column.name for column in c)
MUTABLE = (
    "definition",
    "states",
    "entries",
    "entered",
    "finished",
    "data",
    "version",
    "closed",
    "moved_at",
)
UPDATE = Statement(
    update(table)
    .where(
        c.scope == bindparam("in_scope"),
        c.id == bindparam("with_id"),
        c.version == bindparam("expected_version"),
    )
    .values({name: bindparam(name) for name in MUTABLE})
)


class Sight(NamedTuple):
    """An instance, and whether it ever called anything or has a timer that waits."""

    instance: Instance
    has_calls: bool
    has_timers: bool


class Instances:
    """The instances of one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection of the transaction."""
        self._connection = connection

    async def get(self, scope: str, instance_id: str) -> Instance | None:
        """Return an instance, open or closed."""
        return await self._one(BY_ID, {"scope": scope, "id": instance_id})

    async def sights(self, scope: str, ids: Sequence[str]) -> tuple[Sight, ...]:
        """Return those that are there of some instances, open or closed, in no order."""
        values = {"scope": scope, **{f"id_{number}": one for number, one in enumerate(ids)}}
        rows = await self._connection.rows(seen_by_id(len(ids)), values) if ids else ()
        return tuple(map(sight_of, rows))

    async def open_with_key(self, scope: str, workflow: str, *, key: str) -> Instance | None:
        """Return the open instance of a key; there is at most one."""
        return await self._one(OPEN_BY_KEY, {"scope": scope, "workflow": workflow, "key": key})

    async def count_of_key(self, scope: str, workflow: str, *, key: str) -> int:
        """Count all instances that a key ever had, for the number of the next one."""
        values = {"scope": scope, "workflow": workflow, "key": key}
        return int((await self._connection.row(COUNT_OF_KEY, values))[0])

    async def insert(self, instance: Instance) -> bool:
        """Add an instance; false where its id is taken or its key has an open one."""
        values = written(instance, COLUMNS)
        return await self._connection.change(INSERT, values) == 1

    async def update(self, instance: Instance, *, expected_version: int) -> bool:
        """Write an instance back; false where somebody else has moved it."""
        values = written(instance, MUTABLE) | {
            "in_scope": instance.scope,
            "with_id": instance.id,
            "expected_version": expected_version,
        }
        return await self._connection.change(UPDATE, values) == 1

    async def open_of(
        self,
        scope: str,
        *,
        workflow: str | None = None,
        started_by: str | None = None,
        limit: int = 50,
        after: str | None = None,
    ) -> tuple[Instance, ...]:
        """Return open instances, newest first; `after` is the id that a page ended with."""
        asked = {"workflow": workflow, "started_by": started_by, "after": after}
        given = {name: value for name, value in asked.items() if value is not None}
        values = {"scope": scope, "limit": limit, **given}
        rows = await self._connection.rows(newest_open(frozenset(given)), values)
        return tuple(map(instance_of, rows))

    async def find(
        self, scope: str, workflow: str, *, fields: Mapping[str, Plain], limit: int = 1000
    ) -> tuple[Instance, ...]:
        """Return the open instances of a workflow whose data has these values, by id.

        Values are texts, numbers, booleans or null. No fields find all of them.
        """
        query = select(table).where(c.scope == scope, c.workflow == workflow, is_open)
        for name, value in fields.items():
            query = query.where(has(name, value))
        found = await self._all(query.order_by(c.id).limit(limit))
        return tuple(instance for instance in found if fits(instance, fields))

    async def _one(self, query: Statement, values: dict[str, Any]) -> Instance | None:
        row = await self._connection.row(query, values)
        return None if row is None else instance_of(row)

    async def _all(self, query: Select[Any]) -> tuple[Instance, ...]:
        rows = (await self._connection.execute(query)).all()
        return tuple(map(instance_of, rows))


@cache
def newest_open(given: frozenset[str]) -> Statement:
    """Return the query for open instances, the newest first, as far as it is narrowed."""
    narrower = {
        "workflow": c.workflow == bindparam("workflow"),
        "started_by": c.started_by == bindparam("started_by"),
        "after": tuple_(c.started_at, c.id) < tuple_(STARTED_AT, bindparam("after")),
    }
    query = select(table).where(c.scope == bindparam("scope"), is_open)
    query = query.where(*(narrower[name] for name in sorted(given)))
    return Statement(query.order_by(c.started_at.desc(), c.id.desc()).limit(bindparam("limit")))


@lru_cache
def seen_by_id(count: int) -> Statement:
    """Return the query for so many instances, and what there is of theirs besides."""
    ids = [bindparam(f"id_{number}", type_=c.id.type) for number in range(count)]
    query = select(table, HAS_CALLS.label("has_calls"), HAS_TIMERS.label("has_timers"))
    return Statement(query.where(c.scope == bindparam("scope"), c.id.in_(ids)))


def written(instance: Instance, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the values of some columns."""
    values = {name: getattr(instance, name) for name in names}
    records = ("entries", "finished", "data")
    return values | {name: dict(getattr(instance, name)) for name in records}


def instance_of(row: Row[Any]) -> Instance:
    """Return the instance of a row."""
    values = row._asdict()
    values["states"] = tuple(values["states"])
    return Instance(**values)


def sight_of(row: Row[Any]) -> Sight:
    """Return an instance and what there is of it besides, of a row."""
    values = row._asdict()
    has_calls, has_timers = values.pop("has_calls"), values.pop("has_timers")
    values["states"] = tuple(values["states"])
    return Sight(Instance(**values), has_calls, has_timers)


def has(name: str, value: Plain) -> ColumnElement[bool]:
    """Return the clause for a field; it may let through a value that is written alike."""
    written = cast(c.data[name].as_string(), Text)
    return written.is_(None) if value is None else written.in_(spellings(value))


def spellings(value: str | float) -> tuple[str, ...]:
    """Return how the databases may write a text, number or boolean out of JSON."""
    match value:
        case str():
            return (value,)
        case bool():
            return (json.dump(value), str(int(value)))
        case _ if value == int(value):
            return (str(int(value)), str(float(value)))
        case _:
            return (str(value),)


def fits(instance: Instance, fields: Mapping[str, Plain]) -> bool:
    """Say whether the data has exactly these values; `1` is not `true`."""
    return all(
        name in instance.data
        and instance.data[name] == value
        and isinstance(instance.data[name], bool) is isinstance(value, bool)
        for name, value in fields.items()
    )
