"""Rows of the audit and its seals: a hash chain over ranges, which shows tampering."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, insert, select

from bylaw.model.audit import AuditRecord, AuditReport, Seal, seal_digest
from bylaw.store.connection import Connection
from bylaw.store.dialect import skipping
from bylaw.store.row import values_of
from bylaw.store.statement import Statement
from bylaw.store.table import audit as table
from bylaw.store.table import seal

# A number that is missing may be of a transaction that has not ended; no longer than this.
GAP_WAIT = timedelta(seconds=30)
RANGE = 1000

c = table.c
INSERT = Statement(insert(table).inline())
LAST_SEAL = Statement(select(seal).order_by(seal.c.id.desc()).limit(1))
ADD_SEAL = Statement(skipping(seal))
SEALS = Statement(
    select(seal).where(seal.c.id > bindparam("after")).order_by(seal.c.id).limit(RANGE)
)
AFTER = select(table).where(c.seq > bindparam("after")).order_by(c.seq)
NEXT = Statement(AFTER.limit(RANGE))
BETWEEN = Statement(AFTER.where(c.seq <= bindparam("last")))
TAIL = Statement(select(func.count(), func.min(c.seq)).where(c.seq > bindparam("after")))

NO_SEAL = Seal(
    id=0, first=0, last=0, count=0, at=datetime.min.replace(tzinfo=UTC), previous="", digest=""
)


class Audit:
    """The audit, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection of the transaction."""
        self._connection = connection

    async def append(self, records: Iterable[AuditRecord]) -> None:
        """Add records, which are redacted already; none is fine."""
        rows = [values_of(record) for record in records]
        for row in rows:
            del row["seq"]
        self._connection.later(INSERT, rows)

    async def get(self, scope: str, record_id: str) -> AuditRecord | None:
        """Return the first record with an id: a decision by its id."""
        query = select(table).where(c.scope == scope, c.id == record_id).order_by(c.seq).limit(1)
        return next(iter(await self._built(query)), None)

    async def latest(
        self,
        scope: str,
        *,
        kind: str | None = None,
        instance: str | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[AuditRecord, ...]:
        """Return records, newest first; `before` is the `seq` that a page ended with."""
        query = select(table).where(c.scope == scope)
        wanted = ((c.kind, kind), (c.instance, instance))
        query = query.where(*(column == value for column, value in wanted if value is not None))
        if before is not None:
            query = query.where(c.seq < before)
        return await self._built(query.order_by(c.seq.desc()).limit(limit))

    async def seal(self, now: datetime) -> Seal | None:
        """Seal the next range of records; nothing where there is none.

        Several processes may try at once: one of them makes the seal.
        """
        last = await self._last_seal()
        records = settled(await self._records(NEXT, {"after": last.last}), last.last, now=now)
        if not records:
            return None
        made = Seal(
            id=last.id + 1,
            first=records[0].seq,
            last=records[-1].seq,
            count=len(records),
            at=now,
            previous=last.digest,
            digest=seal_digest(last.digest, records),
        )
        added = await self._connection.change(ADD_SEAL, values_of(made))
        return made if added == 1 else None

    async def verify(self) -> AuditReport:
        """Check all seals, and name the first that is broken and what is not sealed yet."""
        last, records, broken = NO_SEAL, 0, ""
        async for found in self._seals():
            covered = await self._records(BETWEEN, {"after": last.last, "last": found.last})
            broken = fault(last, found, records=covered)
            last, records = found, records + len(covered)
            if broken:
                break
        unsealed, first = await self._tail()
        return AuditReport(
            seals=last.id,
            records=records,
            unsealed=unsealed,
            unsealed_from=first,
            broken=broken,
            broken_seal=last.id if broken else None,
        )

    async def _built(self, query: Select[Any]) -> tuple[AuditRecord, ...]:
        rows = (await self._connection.execute(query)).all()
        return tuple(AuditRecord(**row._asdict()) for row in rows)

    async def _last_seal(self) -> Seal:
        row = await self._connection.row(LAST_SEAL)
        return NO_SEAL if row is None else Seal(**row._asdict())

    async def _seals(self) -> AsyncIterator[Seal]:
        after = 0
        while rows := await self._connection.rows(SEALS, {"after": after}):
            for row in rows:
                yield Seal(**row._asdict())
            after = rows[-1].id

    async def _tail(self) -> tuple[int, int | None]:
        after = (await self._last_seal()).last
        row = await self._connection.row(TAIL, {"after": after})
        return row[0], row[1]

    async def _records(self, query: Statement, values: dict[str, int]) -> tuple[AuditRecord, ...]:
        rows = await self._connection.rows(query, values)
        return tuple(AuditRecord(**row._asdict()) for row in rows)


def settled(
    records: Iterable[AuditRecord], last: int, *, now: datetime
) -> tuple[AuditRecord, ...]:
    """Return the records up to the first gap that may still be filled.

    Numbers are given before the commit, so a record may appear below others that are there.
    """
    taken: list[AuditRecord] = []
    for record in records:
        if record.seq != last + 1 and now - record.at < GAP_WAIT:
            break
        taken.append(record)
        last = record.seq
    return tuple(taken)


def fault(last: Seal, found: Seal, *, records: tuple[AuditRecord, ...]) -> str:
    """Return what is wrong with a seal that follows another, or an empty text."""
    if found.id != last.id + 1 or found.previous != last.digest:
        return f"seal {found.id} does not follow seal {last.id}"
    if len(records) != found.count:
        return f"seal {found.id} covers {found.count} records and {len(records)} are there"
    if seal_digest(found.previous, records) != found.digest:
        return f"the records {found.first} to {found.last} are not those of seal {found.id}"
    return ""
