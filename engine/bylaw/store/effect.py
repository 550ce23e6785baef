"""Rows of effects: calls that follow from a step, from the commit to their end."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, tuple_, update

from bylaw.base.plain import Plain
from bylaw.model.effect import EffectStatus, StoredEffect
from bylaw.store.connection import Connection
from bylaw.store.row import values_of
from bylaw.store.statement import Statement
from bylaw.store.table import effect as table

c = table.c
UNDER_WAY = (EffectStatus.PENDING, EffectStatus.RUNNING)
HAS_NO_END = (*UNDER_WAY, EffectStatus.CANCELLED)
IS_ONE = (c.scope == bindparam("in_scope"), c.id == bindparam("with_id"))
INSERT = Statement(insert(table).inline())
BY_ID = select(table).where(*IS_ONE)
REOPEN = (
    update(table)
    .where(*IS_ONE, c.status.in_((EffectStatus.DONE, EffectStatus.FAILED)))
    .values(status=EffectStatus.PENDING, message="", result=None, ended_at=None)
)
BEGIN = (
    update(table)
    .where(*IS_ONE, c.status.in_(UNDER_WAY))
    .values(status=EffectStatus.RUNNING, attempts=c.attempts + 1)
    .returning(table)
)
END = (
    update(table)
    .where(*IS_ONE, c.status.in_(HAS_NO_END))
    .values({name: bindparam(name) for name in ("status", "message", "result", "ended_at")})
)
OF_INSTANCE = Statement(
    select(table)
    .where(c.scope == bindparam("in_scope"), c.instance == bindparam("of_instance"))
    .order_by(c.created_at.desc(), c.id.desc())
    .limit(bindparam("at_most"))
)


class Effects:
    """The effects of one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection of the transaction."""
        self._connection = connection

    async def insert(self, effects: Iterable[StoredEffect]) -> None:
        """Add effects; none is fine."""
        self._connection.later(INSERT, map(values_of, effects))

    async def get(self, scope: str, effect_id: str) -> StoredEffect | None:
        """Return an effect."""
        return await self._one(BY_ID, scope, effect_id=effect_id)

    async def begin(self, scope: str, effect_id: str) -> StoredEffect | None:
        """Mark an effect as running and count the attempt.

        Nothing comes back where it has an end, is cancelled or is not there: then it must not
        be called.
        """
        return await self._one(BEGIN, scope, effect_id=effect_id)

    async def reopen(self, scope: str, effect_id: str) -> bool:
        """Forget the end of a call, so that it can be made anew; false where it has none."""
        which = {"in_scope": scope, "with_id": effect_id}
        return (await self._connection.execute(REOPEN, which)).rowcount == 1

    async def end(
        self,
        scope: str,
        effect_id: str,
        *,
        status: EffectStatus,
        at: datetime,
        message: str = "",
        result: Plain = None,
    ) -> bool:
        """Write the end of an effect; false where it has one. A cancelled one may be `late`."""
        which = {"in_scope": scope, "with_id": effect_id}
        values = which | {"status": status, "message": message, "result": result, "ended_at": at}
        return (await self._connection.execute(END, values)).rowcount == 1

    async def cancel_left(
        self, scope: str, instance_id: str, *, left: Sequence[tuple[str, int]], at: datetime
    ) -> tuple[StoredEffect, ...]:
        """Cancel the awaited calls of (state, entry) pairs that were left; return them."""
        if not left:
            return ()
        query = (
            update(table)
            .where(c.scope == scope, c.instance == instance_id, c.awaited, c.status.in_(UNDER_WAY))
            .where(tuple_(c.state, c.entry).in_(left))
            .values(status=EffectStatus.CANCELLED, ended_at=at)
            .returning(table)
        )
        return tuple(map(effect_of, (await self._connection.execute(query)).all()))

    async def of_instance(
        self, scope: str, instance_id: str, *, limit: int = 100
    ) -> tuple[StoredEffect, ...]:
        """Return the effects of an instance, newest first."""
        values = {"in_scope": scope, "of_instance": instance_id, "at_most": limit}
        return tuple(map(effect_of, await self._connection.rows(OF_INSTANCE, values)))

    async def with_status(
        self, scope: str, status: EffectStatus, *, limit: int = 100
    ) -> tuple[StoredEffect, ...]:
        """Return the effects that stand so, oldest first."""
        query = select(table).where(c.scope == scope, c.status == status)
        query = query.order_by(c.created_at, c.id).limit(limit)
        return tuple(map(effect_of, (await self._connection.execute(query)).all()))

    async def _one(self, query: Any, scope: str, *, effect_id: str) -> StoredEffect | None:
        values = {"in_scope": scope, "with_id": effect_id}
        row = (await self._connection.execute(query, values)).first()
        return None if row is None else effect_of(row)


def effect_of(row: Row[Any]) -> StoredEffect:
    """Return the effect of a row."""
    effect = StoredEffect(**row._asdict())
    return replace(effect, status=EffectStatus(effect.status))
