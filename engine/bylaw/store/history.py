"""Rows of history: what each step of an instance did."""

from sqlalchemy import bindparam, insert, select

from bylaw.model.history import HistoryEntry
from bylaw.store.connection import Connection
from bylaw.store.row import values_of
from bylaw.store.statement import Statement
from bylaw.store.table import history as table

c = table.c
INSERT = Statement(insert(table).inline())
OF_INSTANCE = Statement(
    select(table)
    .where(
        c.scope == bindparam("in_scope"),
        c.instance == bindparam("of_instance"),
        c.version > bindparam("after"),
    )
    .order_by(c.version)
    .limit(bindparam("at_most"))
)


class History:
    """The history of the instances, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection of the transaction."""
        self._connection = connection

    async def append(self, entry: HistoryEntry) -> None:
        """Add what a step did.

        The commit raises `Conflict` where the instance has an entry of this version.
        """
        self._connection.later(INSERT, [values_of(entry)])

    async def of_instance(
        self, scope: str, instance_id: str, *, after: int = -1, limit: int = 1000
    ) -> tuple[HistoryEntry, ...]:
        """Return the entries of an instance after a version, oldest first."""
        values = {"in_scope": scope, "of_instance": instance_id, "after": after, "at_most": limit}
        rows = await self._connection.rows(OF_INSTANCE, values)
        return tuple(
            HistoryEntry(
                **row._asdict()
                | {"transitions": tuple(row.transitions), "states": tuple(row.states)}
            )
            for row in rows
        )
