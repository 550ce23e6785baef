"""Rows of documents and snapshots: what was live, so that any decision can be replayed."""

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bylaw.model.archive import ArchivedDocument, ArchivedSnapshot
from bylaw.store.dialect import chosen, inserting, skipping
from bylaw.store.row import values_of
from bylaw.store.table import document, snapshot

ADD_DOCUMENT = skipping(document)
ADD_SNAPSHOT = inserting(
    snapshot,
    lambda insert: insert.on_conflict_do_update(
        index_elements=[snapshot.c.scope, snapshot.c.digest],
        set_={"at": insert.excluded.at, "git_commit": insert.excluded.git_commit},
    ),
)
DOCUMENT = select(document).where(
    document.c.scope == bindparam("in_scope"), document.c.digest == bindparam("with_digest")
)
SNAPSHOT = select(snapshot).where(
    snapshot.c.scope == bindparam("in_scope"), snapshot.c.digest == bindparam("with_digest")
)


class Documents:
    """The documents of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Take the connection of the transaction."""
        self._connection = connection

    async def add(self, documents: Iterable[ArchivedDocument]) -> None:
        """Add documents; those that are there are left alone."""
        rows = [values_of(document) for document in documents]
        if rows:
            await self._connection.execute(chosen(ADD_DOCUMENT, self._connection), rows)

    async def get(self, scope: str, digest: str) -> ArchivedDocument | None:
        """Return a document."""
        values = {"in_scope": scope, "with_digest": digest}
        row = (await self._connection.execute(DOCUMENT, values)).first()
        return None if row is None else ArchivedDocument(**row._asdict())

    async def missing(self, scope: str, digests: Iterable[str]) -> frozenset[str]:
        """Return those digests that have no document."""
        query = select(document.c.digest).where(document.c.scope == scope)
        known = (await self._connection.execute(query)).scalars()
        return frozenset(digests) - frozenset(known)


class Snapshots:
    """The snapshots of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Take the connection of the transaction."""
        self._connection = connection

    async def add(self, snapshot: ArchivedSnapshot) -> None:
        """Record that a snapshot is live; one that was before moves to the front."""
        await self._connection.execute(chosen(ADD_SNAPSHOT, self._connection), values_of(snapshot))

    async def get(self, scope: str, digest: str) -> ArchivedSnapshot | None:
        """Return a snapshot."""
        values = {"in_scope": scope, "with_digest": digest}
        row = (await self._connection.execute(SNAPSHOT, values)).first()
        return None if row is None else ArchivedSnapshot(**row._asdict())
