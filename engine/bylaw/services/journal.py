"""Decisions that no transaction waits for: kept in memory, redacted, written in batches."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bylaw.base.errors import Unstorable
from bylaw.base.plain import Record
from bylaw.base.redaction import Redactor
from bylaw.model.actor import ENGINE
from bylaw.model.audit import AuditRecord
from bylaw.services.asking import Asking
from bylaw.services.deciding import Entry
from bylaw.store.store import Store, Transaction

# The one scope that there is.
SCOPE = "main"
# What stands for a record that has a character which no database can keep.
ILLEGIBLE: Record = {"unstorable": True}
# More than this waits only while the store is down; then the oldest give way and are counted.
WAITING = 10_000


class Journal:
    """Makes audit records, redacted; holds those of `enforce` until the next batch."""

    def __init__(self, store: Store, redactor: Redactor, engine_version: str) -> None:
        """Write to the store what the redactor leaves."""
        self._store = store
        self.redactor = redactor
        self._version = engine_version
        self._waiting: deque[AuditRecord] = deque()
        self.dropped = 0

    def record(self, asking: Asking, entry: Entry) -> AuditRecord:
        """Return the redacted record of a decision."""
        return AuditRecord(
            scope=asking.caller.scope,
            at=asking.now,
            kind="decision",
            id=entry.verdict.id,
            actor=asking.caller.actor.id,
            action=entry.verdict.action.name,
            instance=entry.instance or None,
            body=self.redactor.value(entry.record(asking, self._version)),
        )

    def happening(self, kind: str, id: str, body: Record, *, now: datetime) -> AuditRecord:  # noqa: A002 - the word of the record
        """Return a redacted record of something that nobody decided: a reload, a call's end."""
        return AuditRecord(
            scope=SCOPE,
            at=now,
            kind=kind,
            id=id,
            actor=ENGINE.id,
            body=self.redactor.value(dict(body)),
        )

    async def write(self, tx: Transaction, asking: Asking, entry: Entry) -> None:
        """Write the record of a decision in the transaction that it is about."""
        await tx.audit.append([self.record(asking, entry)])

    def note(self, asking: Asking, entry: Entry) -> None:
        """Keep the record of a decision for the next batch."""
        self.add(self.record(asking, entry))

    def add(self, record: AuditRecord) -> None:
        """Keep a record for the next batch."""
        if len(self._waiting) >= WAITING:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(record)

    async def flush(self) -> None:
        """Write what waits. What could not be written goes on waiting."""
        if not self._waiting:
            return
        batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            await self._write(batch)
        except Unstorable:
            await self._write_each(batch)
        except BaseException:
            self._waiting.extendleft(reversed(batch))
            raise

    async def _write(self, batch: Iterable[AuditRecord]) -> None:
        async with self._store.write() as tx:
            await tx.audit.append(batch)

    async def _write_each(self, batch: list[AuditRecord]) -> None:
        """Write a batch of which one record stands in the way, so that it holds up no other."""
        while batch:
            try:
                await self._write_one(batch[0])
            except BaseException:
                self._waiting.extendleft(reversed(batch))
                raise
            batch = batch[1:]

    async def _write_one(self, record: AuditRecord) -> None:
        try:
            await self._write([record])
        except Unstorable:
            await self._write([replace(record, body=ILLEGIBLE)])
