"""Rows of answers: what a call repeated with its idempotency key gets again."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select

from bylaw.model.answer import StoredAnswer
from bylaw.store.connection import Connection
from bylaw.store.dialect import inserting
from bylaw.store.row import values_of
from bylaw.store.statement import Statement
from bylaw.store.table import answer as table

KEPT = timedelta(days=7)

c = table.c
GET = Statement(
    select(table).where(
        c.scope == bindparam("in_scope"),
        c.actor == bindparam("of_actor"),
        c.key == bindparam("with_key"),
        c.created_at > bindparam("since"),
    )
)
KEEP = Statement(
    inserting(
        table,
        lambda insert: insert.on_conflict_do_update(
            index_elements=[c.scope, c.actor, c.key],
            set_={name: insert.excluded[name] for name in ("call", "answer", "created_at")},
            where=c.created_at <= bindparam("since"),
        ),
    )
)
FORGET = delete(table).where(c.created_at <= bindparam("since"))


class Answers:
    """The answers of one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection of the transaction."""
        self._connection = connection

    async def get(self, scope: str, actor: str, *, key: str, now: datetime) -> StoredAnswer | None:
        """Return the answer under a key, for seven days."""
        values = {"in_scope": scope, "of_actor": actor, "with_key": key, "since": now - KEPT}
        row = await self._connection.row(GET, values)
        return None if row is None else StoredAnswer(**row._asdict())

    async def keep(self, answer: StoredAnswer) -> bool:
        """Keep an answer; false where the key has one.

        On Postgres this waits for another transaction that is keeping one under the same key;
        after false the caller must roll back and give the other's answer.
        """
        values = values_of(answer) | {"since": answer.created_at - KEPT}
        return await self._connection.change(KEEP, values) == 1

    async def forget(self, now: datetime) -> int:
        """Remove what is older than seven days; return how many."""
        return (await self._connection.execute(FORGET, {"since": now - KEPT})).rowcount
