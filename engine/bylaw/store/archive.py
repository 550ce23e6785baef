"""Rows of documents, snapshots and their sources: what was live, and can be live again."""

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, func, literal_column, select, update

from bylaw.model.archive import ArchivedDocument, ArchivedSnapshot, ArchivedSource
from bylaw.store.connection import Connection
from bylaw.store.dialect import inserting, skipping
from bylaw.store.row import values_of
from bylaw.store.statement import Statement
from bylaw.store.table import document, snapshot, source

ADD_DOCUMENT = Statement(skipping(document))
ADD_SOURCE = Statement(skipping(source))
ADD_SNAPSHOT = Statement(
    inserting(
        snapshot,
        lambda insert: insert.on_conflict_do_update(
            index_elements=[snapshot.c.scope, snapshot.c.digest],
            set_={name: insert.excluded[name] for name in ("at", "git_commit", "files")},
        ),
    )
)
DOCUMENT = Statement(
    select(document).where(
        document.c.scope == bindparam("in_scope"), document.c.digest == bindparam("with_digest")
    )
)
SNAPSHOT = Statement(
    select(snapshot).where(
        snapshot.c.scope == bindparam("in_scope"), snapshot.c.digest == bindparam("with_digest")
    )
)
OF_SCOPE = select(snapshot).where(snapshot.c.scope == bindparam("in_scope"))
NEWEST = OF_SCOPE.order_by(snapshot.c.at.desc(), snapshot.c.digest).limit(bindparam("most"))
WITH_SOURCE = OF_SCOPE.where(snapshot.c.files.is_not(None)).order_by(snapshot.c.at.desc())
COUNT = select(func.count()).where(snapshot.c.scope == bindparam("in_scope"))
DIGESTS = (
    select(snapshot.c.digest)
    .where(snapshot.c.scope == bindparam("in_scope"))
    .order_by(snapshot.c.at.desc())
)
DROP_FILES = (
    update(snapshot)
    .where(snapshot.c.scope == bindparam("in_scope"), snapshot.c.digest == bindparam("of_digest"))
    .values(files=None)
)
DROP_SOURCE = delete(source).where(
    source.c.scope == bindparam("in_scope"), source.c.digest == bindparam("of_digest")
)
DOCUMENTS = Statement(select(document.c.digest).where(document.c.scope == bindparam("in_scope")))
SOURCES = Statement(select(source.c.digest).where(source.c.scope == bindparam("in_scope")))
# Held until the transaction ends; SQLite's write transaction needs none.
ONE_AT_A_TIME = Statement(select(func.pg_advisory_xact_lock(literal_column("7305804402566526"))))
# Neither database takes more than 32,766 values in a statement.
MANY = 10_000


class Documents:
    """The documents of one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection of the transaction."""
        self._connection = connection

    def add(self, documents: Iterable[ArchivedDocument]) -> None:
        """Add documents; those that are there are left alone."""
        self._connection.later(ADD_DOCUMENT, map(values_of, documents))

    async def get(self, scope: str, digest: str) -> ArchivedDocument | None:
        """Return a document."""
        values = {"in_scope": scope, "with_digest": digest}
        row = await self._connection.row(DOCUMENT, values)
        return None if row is None else ArchivedDocument(**row._asdict())

    async def missing(self, scope: str, digests: Iterable[str]) -> frozenset[str]:
        """Return those digests that have no document."""
        known = await self._connection.rows(DOCUMENTS, {"in_scope": scope})
        return frozenset(digests).difference(one.digest for one in known)


class Sources:
    """The sources of one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection of the transaction."""
        self._connection = connection

    async def alone(self) -> None:
        """Wait for others that add, pin or forget: what one counts on, no other may remove."""
        if self._connection.dialect.name == "postgresql":
            await self._connection.rows(ONE_AT_A_TIME)

    def add(self, sources: Iterable[ArchivedSource]) -> None:
        """Add sources; those that are there are left alone."""
        self._connection.later(ADD_SOURCE, map(values_of, sources))

    async def of(self, scope: str, digests: Iterable[str]) -> dict[str, bytes]:
        """Return the bytes under these digests; those that have none are left out."""
        found: dict[str, bytes] = {}
        wanted = sorted(set(digests))
        for start in range(0, len(wanted), MANY):
            query = select(source.c.digest, source.c.content).where(
                source.c.scope == scope, source.c.digest.in_(wanted[start : start + MANY])
            )
            found.update((row[0], row[1]) for row in await self._connection.execute(query))
        return found

    async def missing(self, scope: str, digests: Iterable[str]) -> frozenset[str]:
        """Return those digests that have no source."""
        return frozenset(digests) - await self.all(scope)

    async def drop(self, scope: str, digests: Iterable[str]) -> None:
        """Remove sources."""
        values = [{"in_scope": scope, "of_digest": digest} for digest in digests]
        if values:
            await self._connection.execute(DROP_SOURCE, values)

    async def all(self, scope: str) -> frozenset[str]:
        """Return the digests of all sources."""
        known = await self._connection.rows(SOURCES, {"in_scope": scope})
        return frozenset(one.digest for one in known)


class Snapshots:
    """The snapshots of one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection of the transaction."""
        self._connection = connection

    def add(self, snapshot: ArchivedSnapshot) -> None:
        """Record what the files say now; a snapshot that was there moves to the front."""
        self._connection.later(ADD_SNAPSHOT, [values_of(snapshot)])

    async def get(self, scope: str, digest: str) -> ArchivedSnapshot | None:
        """Return a snapshot."""
        values = {"in_scope": scope, "with_digest": digest}
        row = await self._connection.row(SNAPSHOT, values)
        return None if row is None else ArchivedSnapshot(**row._asdict())

    async def newest(self, scope: str, limit: int) -> tuple[ArchivedSnapshot, ...]:
        """Return snapshots, newest first."""
        rows = await self._connection.execute(NEWEST, {"in_scope": scope, "most": limit})
        return tuple(ArchivedSnapshot(**row._asdict()) for row in rows)

    async def count(self, scope: str) -> int:
        """Return how many there are."""
        return int((await self._connection.execute(COUNT, {"in_scope": scope})).scalar_one())

    async def digests(self, scope: str) -> tuple[str, ...]:
        """Return the digests of all, newest first."""
        return tuple((await self._connection.execute(DIGESTS, {"in_scope": scope})).scalars())

    async def with_source(self, scope: str) -> tuple[ArchivedSnapshot, ...]:
        """Return those whose source is kept, newest first."""
        rows = await self._connection.execute(WITH_SOURCE, {"in_scope": scope})
        return tuple(ArchivedSnapshot(**row._asdict()) for row in rows)

    async def drop_files(self, scope: str, digests: Iterable[str]) -> None:
        """Forget of these snapshots which sources they had."""
        values = [{"in_scope": scope, "of_digest": digest} for digest in digests]
        if values:
            await self._connection.execute(DROP_FILES, values)
