"""The row of the pin: which snapshot has to be live; at most one in a scope."""

from sqlalchemy import bindparam, delete, select

from bylaw.model.archive import Pin
from bylaw.store.connection import Connection
from bylaw.store.dialect import chosen, inserting
from bylaw.store.row import values_of
from bylaw.store.table import pin as table

c = table.c
GET = select(table).where(c.scope == bindparam("in_scope"))
PUT = inserting(
    table,
    lambda insert: insert.on_conflict_do_update(
        index_elements=[c.scope],
        set_={name: insert.excluded[name] for name in ("digest", "at", "by", "reason")},
    ),
)
REMOVE = delete(table).where(c.scope == bindparam("in_scope"))


class Pins:
    """The pins of one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection of the transaction."""
        self._connection = connection

    async def get(self, scope: str) -> Pin | None:
        """Return the pin of a scope."""
        row = (await self._connection.execute(GET, {"in_scope": scope})).first()
        return None if row is None else Pin(**row._asdict())

    async def put(self, pin: Pin) -> None:
        """Pin; one that is there gives way."""
        await self._connection.execute(chosen(PUT, self._connection), values_of(pin))

    async def remove(self, scope: str) -> bool:
        """Unpin; false where nothing was pinned."""
        return (await self._connection.execute(REMOVE, {"in_scope": scope})).rowcount == 1
