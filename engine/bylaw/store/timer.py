"""Rows of timers: deadlines that belong to one entry of one state."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, tuple_, update

from bylaw.model.timer import StoredTimer, TimerStatus
from bylaw.store.connection import Connection
from bylaw.store.dialect import inserting
from bylaw.store.row import values_of
from bylaw.store.statement import Statement
from bylaw.store.table import timer as table

c = table.c
ARM = Statement(
    inserting(
        table,
        lambda insert: insert.on_conflict_do_update(
            index_elements=[c.scope, c.instance, c.state, c.entry, c.name],
            set_={"due_at": insert.excluded.due_at, "status": insert.excluded.status},
        ),
    )
)
FIRE = Statement(
    update(table)
    .where(
        c.scope == bindparam("in_scope"),
        c.instance == bindparam("of_instance"),
        c.state == bindparam("of_state"),
        c.entry == bindparam("of_entry"),
        c.name == bindparam("of_name"),
        c.due_at == bindparam("was_due_at"),
        c.status == TimerStatus.WAITING,
    )
    .values(status=TimerStatus.FIRED)
)
OF_INSTANCE = (
    select(table)
    .where(c.scope == bindparam("in_scope"), c.instance == bindparam("of_instance"))
    .order_by(c.due_at, c.name)
)
WAITING_OF_INSTANCE = Statement(OF_INSTANCE.where(c.status == TimerStatus.WAITING))
ALL_OF_INSTANCE = Statement(OF_INSTANCE)


class Timers:
    """The timers of one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection of the transaction."""
        self._connection = connection

    async def arm(self, timers: Iterable[StoredTimer]) -> None:
        """Start timers, or start one again that has fired (`every`); none is fine."""
        self._connection.later(ARM, map(values_of, timers))

    async def fire(self, timer: StoredTimer) -> bool:
        """Mark a timer as fired; false where it is no longer waiting for this deadline."""
        values = {
            "in_scope": timer.scope,
            "of_instance": timer.instance,
            "of_state": timer.state,
            "of_entry": timer.entry,
            "of_name": timer.name,
            "was_due_at": timer.due_at,
        }
        return await self._connection.change(FIRE, values) == 1

    async def cancel_left(
        self, scope: str, instance_id: str, *, left: Sequence[tuple[str, int]]
    ) -> tuple[StoredTimer, ...]:
        """Cancel the timers of (state, entry) pairs that were left; return them."""
        if not left:
            return ()
        query = (
            update(table)
            .where(c.scope == scope, c.instance == instance_id)
            .where(c.status == TimerStatus.WAITING, tuple_(c.state, c.entry).in_(left))
            .values(status=TimerStatus.CANCELLED)
            .returning(table)
        )
        return tuple(map(timer_of, (await self._connection.execute(query)).all()))

    async def of_instance(self, scope: str, instance_id: str) -> tuple[StoredTimer, ...]:
        """Return all timers of an instance, by deadline."""
        return await self._all(ALL_OF_INSTANCE, {"in_scope": scope, "of_instance": instance_id})

    async def waiting(self, scope: str, instance_id: str) -> tuple[StoredTimer, ...]:
        """Return the timers of an instance that have not fired, by deadline."""
        return await self._all(
            WAITING_OF_INSTANCE, {"in_scope": scope, "of_instance": instance_id}
        )

    async def _all(self, query: Statement, values: dict[str, str]) -> tuple[StoredTimer, ...]:
        return tuple(map(timer_of, await self._connection.rows(query, values)))


def timer_of(row: Row[Any]) -> StoredTimer:
    """Return the timer of a row."""
    return StoredTimer(**row._asdict() | {"status": TimerStatus(row.status)})
