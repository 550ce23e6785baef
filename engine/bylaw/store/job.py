"""Rows of jobs in SQLite: enqueued with what they follow from, and worked off one by one.

On PostgreSQL PgQueuer has them; `job_postgres.py` is its side of the same methods.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import UpdateBase, bindparam, case, delete, exists, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from bylaw.base.plain import Plain
from bylaw.model.job import GIVEN_UP, MOST_ALONE, SUSPECTED, DeadJob, Job
from bylaw.store.connection import Connection
from bylaw.store.statement import Statement
from bylaw.store.table import job as table

READY, RUNNING, DEAD = "ready", "running", "dead"

c = table.c
ADD = Statement(
    insert(table)
    .on_conflict_do_nothing()
    .values(status=READY, attempts=0, picks=0, message="")
    .returning(c.id)
)
CANCEL = Statement(delete(table).where(c.key == bindparam("with_key"), c.status == READY))
WAITS = (c.status == READY, c.name.in_(bindparam("names", expanding=True)))
IS_DUE = (*WAITS, or_(c.due_at.is_(None), c.due_at <= bindparam("now")))
NEXT_DUE = select(c.due_at).where(*WAITS).order_by(c.due_at.nulls_first()).limit(1)
DUE = select(c.id).where(*IS_DUE).order_by(c.due_at.nulls_first(), c.id).limit(bindparam("most"))
PICK = (
    update(table)
    .where(c.id.in_(DUE.scalar_subquery()))
    .values(status=RUNNING, picks=case((c.picks < SUSPECTED, c.picks + 1), else_=c.picks))
    .returning(c.id, c.name, c.payload, c.key, c.attempts, c.picks.label("starts"))
)
IS_ONE = c.id == bindparam("with_id")
ALONE = update(table).where(IS_ONE).values(picks=c.picks + 1)
DONE = delete(table).where(IS_ONE)
other = table.alias("other")
KEY_IS_TAKEN = exists().where(other.c.key == c.key, other.c.status == READY, other.c.id != c.id)
# A newer job may wait under the key of one that ran: then the older goes on without it.
FREE_KEY = case((KEY_IS_TAKEN, None), else_=c.key)
RETRY = (
    update(table)
    .where(IS_ONE)
    .values(
        status=READY,
        key=FREE_KEY,
        attempts=c.attempts + 1,
        picks=0,
        due_at=bindparam("again_at"),
        message=bindparam("why"),
    )
)
PUT_BACK = update(table).where(IS_ONE).values(status=READY, key=FREE_KEY, picks=c.picks - 1)
BURY = (
    update(table)
    .where(IS_ONE)
    .values(status=DEAD, attempts=c.attempts + 1, message=bindparam("why"), due_at=bindparam("at"))
)
LEFT_RUNNING = select(c.id).where(c.status == RUNNING).order_by(c.id)
RECOVER = update(table).where(IS_ONE).values(status=READY, key=FREE_KEY)
BURY_CRASHED = (
    update(table)
    .where(c.status == READY, c.picks >= SUSPECTED + MOST_ALONE)
    .values(status=DEAD, message=GIVEN_UP, due_at=bindparam("at"))
)
BURIED = (
    select(c.id, c.name, c.payload, c.key, c.attempts, c.message, c.due_at.label("at"))
    .where(c.status == DEAD)
    .order_by(c.id.desc())
    .limit(bindparam("most"))
)
REQUEUE = (
    update(table)
    .where(IS_ONE, c.status == DEAD)
    .values(status=READY, key=FREE_KEY, attempts=0, picks=0, due_at=None)
)
DROP = delete(table).where(IS_ONE, c.status == DEAD)


class Jobs:
    """The jobs of one transaction; `added` tells whether there are new ones."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection of the transaction."""
        self._connection = connection
        self.added = False

    async def enqueue(
        self, name: str, payload: Mapping[str, Plain], *, due_at: datetime | None, key: str | None
    ) -> bool:
        """Add a job; false where one waits under its key, which is left as it is."""
        values = {"name": name, "payload": dict(payload), "due_at": due_at, "key": key}
        added = await self._connection.row(ADD, values) is not None
        self.added = self.added or added
        return added

    async def cancel(self, key: str) -> bool:
        """Remove the job that waits under a key; false where none waits, or it runs."""
        return await self._connection.change(CANCEL, {"with_key": key}) == 1

    async def dead(self, *, limit: int = 100) -> tuple[DeadJob, ...]:
        """Return the jobs that were given up, the newest first."""
        rows = (await self._connection.execute(BURIED, {"most": limit})).all()
        return tuple(DeadJob(**row._asdict()) for row in rows)

    async def requeue(self, job_id: int) -> bool:
        """Have a job that was given up tried again, now; false where it is not there."""
        self.added = True
        return await self._changed(REQUEUE, job_id)

    async def drop(self, job_id: int) -> bool:
        """Remove a job that was given up; false where it is not there."""
        return await self._changed(DROP, job_id)

    async def next_due(self, names: tuple[str, ...]) -> tuple[bool, datetime | None]:
        """Say whether a job of these names waits, and when the first is due."""
        row = (await self._connection.execute(NEXT_DUE, {"names": names})).first()
        return (False, None) if row is None else (True, row[0])

    async def pick(self, names: tuple[str, ...], *, now: datetime, limit: int) -> tuple[Job, ...]:
        """Mark due jobs of these names as running and return them."""
        values = {"names": names, "now": now, "most": limit}
        rows = (await self._connection.execute(PICK, values)).all()
        return tuple(sorted((Job(**row._asdict()) for row in rows), key=lambda job: job.id))

    async def alone(self, job_id: int) -> None:
        """Count a run of a suspected job, which is alone."""
        await self._changed(ALONE, job_id)

    async def done(self, job: Job) -> None:
        """Remove a job that ended well."""
        await self._changed(DONE, job.id)

    async def retry(self, job: Job, *, at: datetime, why: str) -> None:
        """Have a job that failed tried again at a moment."""
        await self._changed(RETRY, job.id, again_at=at, why=why)

    async def bury(self, job: Job, *, at: datetime, why: str) -> None:
        """Give a job up, and keep it."""
        await self._changed(BURY, job.id, at=at, why=why)

    async def put_back(self, job: Job) -> None:
        """Have a job that was stopped run again; it does not count."""
        await self._changed(PUT_BACK, job.id)

    async def recover(self, now: datetime) -> None:
        """Make the jobs ready again that a process left running when it ended."""
        for job_id in (await self._connection.execute(LEFT_RUNNING)).scalars().all():
            await self._changed(RECOVER, job_id)
        await self._connection.execute(BURY_CRASHED, {"at": now})

    async def _changed(self, query: UpdateBase, job_id: int, **values: object) -> bool:
        done = await self._connection.execute(query, {"with_id": job_id, **values})
        return done.rowcount == 1
