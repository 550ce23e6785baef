"""Jobs in PostgreSQL: PgQueuer's tables in a schema of their own, used in our transactions.

PgQueuer's own drivers would leak a job that is the first statement of a transaction which is
rolled back: SQLAlchemy begins lazily. So its statements go through SQLAlchemy's connection.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, cast

import asyncpg
import structlog
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.db import Driver
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import JobId
from pgqueuer.models import Job as PickedJob
from pgqueuer.models import TracebackRecord
from pgqueuer.queries import Queries
from sqlalchemy import text

from bylaw.base.plain import Plain
from bylaw.model.job import SUSPECTED, DeadJob
from bylaw.store.connection import Connection
from bylaw.store.json import dump

log = structlog.get_logger(__name__)

FAILURES = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
SETTINGS = DBSettings(db_schema="bylaw_jobs")
BUILDERS = (
    QueryBuilderEnvironment(SETTINGS),
    QueryQueueBuilder(SETTINGS),
    QuerySchedulerBuilder(SETTINGS),
)
THERE = text("SELECT 1 WHERE to_regclass('bylaw_jobs.pgqueuer') IS NOT NULL")
NOW = text("SELECT now()")
# A running job keeps its key; one that is enqueued meanwhile is another and takes it over.
FREE_KEY = text(
    "UPDATE bylaw_jobs.pgqueuer SET dedupe_key = NULL"
    " WHERE dedupe_key = :key AND status = 'picked'"
)
CANCEL = text("DELETE FROM bylaw_jobs.pgqueuer WHERE dedupe_key = :key AND status = 'queued'")
DEAD = text("""
    SELECT id, entrypoint AS name, payload, dedupe_key AS key, attempts + 1 AS attempts,
      updated AS at, (
        SELECT traceback ->> 'exception_message' FROM bylaw_jobs.pgqueuer_log
        WHERE job_id = job.id AND status = 'failed' ORDER BY id DESC LIMIT 1
      ) AS message
    FROM bylaw_jobs.pgqueuer AS job WHERE status = 'failed' ORDER BY id DESC LIMIT :most
""")
# The key of a job that was given up may have been taken by a newer one.
FREE_DEAD_KEY = text("""
    UPDATE bylaw_jobs.pgqueuer AS job SET dedupe_key = NULL
    WHERE id = :id AND status = 'failed' AND EXISTS (
      SELECT 1 FROM bylaw_jobs.pgqueuer AS other
      WHERE other.dedupe_key = job.dedupe_key AND other.status IN ('queued', 'picked'))
""")
IS_DEAD = text("SELECT 1 FROM bylaw_jobs.pgqueuer WHERE id = :id AND status = 'failed' FOR UPDATE")
DROP = text("DELETE FROM bylaw_jobs.pgqueuer WHERE id = :id AND status = 'failed'")
# Every outcome and every requeueing writes `queued` or ends the job: the rest are crashes.
STARTS = text("""
    SELECT least(count(*) FILTER (WHERE traceback IS NULL), :suspected)
      + count(*) FILTER (WHERE traceback IS NOT NULL)
    FROM bylaw_jobs.pgqueuer_log
    WHERE job_id = :id AND status = 'picked' AND id > coalesce((
      SELECT max(id) FROM bylaw_jobs.pgqueuer_log WHERE job_id = :id AND status = 'queued'), 0)
""")
ALONE = text("""
    INSERT INTO bylaw_jobs.pgqueuer_log (job_id, status, priority, entrypoint, traceback)
    SELECT id, 'picked', priority, entrypoint, '{"alone": true}'
    FROM bylaw_jobs.pgqueuer WHERE id = :id
""")
# A worker holds this lock as long as its process lives: it ends with the connection.
LIVE = "SELECT pg_advisory_lock(hashtextextended($1, 0))"
GONE = """
    SELECT DISTINCT queue_manager_id::text AS name FROM bylaw_jobs.pgqueuer AS job
    WHERE status = 'picked' AND queue_manager_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32 | objid::bigint) = hashtextextended(queue_manager_id::text, 0))
"""
# PgQueuer takes over what has had no heartbeat for long, and counts it as one more start.
TAKE_OVER = """
    UPDATE bylaw_jobs.pgqueuer SET heartbeat = to_timestamp(0)
    WHERE status = 'picked' AND heartbeat > to_timestamp(0) AND queue_manager_id = $1::text::uuid
    RETURNING id
"""
PRUNE_LOG = text("""
    DELETE FROM bylaw_jobs.pgqueuer_log WHERE created < :before
    AND NOT EXISTS (SELECT 1 FROM bylaw_jobs.pgqueuer AS job WHERE job.id = job_id)
""")
PRUNE_STATISTICS = text("DELETE FROM bylaw_jobs.pgqueuer_statistics WHERE created < :before")


class TransactionDriver:
    """PgQueuer's way to a database, over a connection of SQLAlchemy."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection of the transaction."""
        self._connection = connection

    async def fetch(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Run a query and return its rows."""
        return [dict(row) for row in await self._connection.driver.rows(query, values)]

    async def execute(self, query: str, *values: Any) -> str:
        """Run a statement and return how many rows it touched."""
        return str(await self._connection.driver.change(query, values))


class Jobs:
    """The jobs of one transaction."""

    # The database wakes the workers.
    added = False

    def __init__(self, connection: Connection) -> None:
        """Take the connection of the transaction."""
        self._connection = connection

    @cached_property
    def _queries(self) -> Queries:
        return queries(cast("Driver", TransactionDriver(self._connection)))

    async def enqueue(
        self, name: str, payload: Mapping[str, Plain], *, due_at: datetime | None, key: str | None
    ) -> bool:
        """Add a job; false where one waits under its key, which is left as it is."""
        delay = None if due_at is None else await self._until(due_at)
        added = await self._add(name, payload, delay=delay, key=key)
        if added or not await self._changed(FREE_KEY, key=key):
            return added
        return await self._add(name, payload, delay=delay, key=key)

    async def cancel(self, key: str) -> bool:
        """Remove the job that waits under a key; false where none waits, or it runs."""
        return await self._changed(CANCEL, key=key)

    async def dead(self, *, limit: int = 100) -> tuple[DeadJob, ...]:
        """Return the jobs that were given up, the newest first."""
        rows = (await self._connection.execute(DEAD, {"most": limit})).all()
        return tuple(
            DeadJob(**row._asdict() | {"payload": json.loads(row.payload)}) for row in rows
        )

    async def requeue(self, job_id: int) -> bool:
        """Have a job that was given up tried again, now; false where it is not there."""
        if (await self._connection.execute(IS_DEAD, {"id": job_id})).first() is None:
            return False
        await self._connection.execute(FREE_DEAD_KEY, {"id": job_id})
        await self._queries.requeue_jobs([JobId(job_id)])
        return True

    async def drop(self, job_id: int) -> bool:
        """Remove a job that was given up; false where it is not there."""
        return await self._changed(DROP, id=job_id)

    async def prune(self, before: datetime) -> None:
        """Remove what is logged of jobs that ended before a moment."""
        await self._connection.execute(PRUNE_LOG, {"before": before})
        await self._connection.execute(PRUNE_STATISTICS, {"before": before})

    async def starts(self, job_id: int) -> int:
        """Count the runs of a job that left no outcome, this one included if beside others."""
        values = {"id": job_id, "suspected": SUSPECTED}
        return int((await self._connection.execute(STARTS, values)).scalar_one())

    async def alone(self, job_id: int) -> None:
        """Count a run of a suspected job, which is alone."""
        await self._connection.execute(ALONE, {"id": job_id})

    async def _add(
        self, name: str, payload: Mapping[str, Plain], *, delay: timedelta | None, key: str | None
    ) -> bool:
        ids = await self._queries.enqueue(
            name,
            dump(dict(payload)).encode(),
            execute_after=delay,
            dedupe_key=key,
            on_conflict="skip",
        )
        return ids[0] is not None

    async def _until(self, due_at: datetime) -> timedelta:
        now: datetime = (await self._connection.execute(NOW)).scalar_one()
        return max(due_at - now, timedelta())

    async def _changed(self, statement: Any, **values: object) -> bool:
        return (await self._connection.execute(statement, values)).rowcount == 1


class Worker:
    """A worker as others see it, over a connection that is its own."""

    def __init__(self, driver: Driver, name: str) -> None:
        """Take the connection, and the name that PgQueuer gave the worker."""
        self._driver = driver
        self._name = name

    async def live(self) -> None:
        """Show the others that it lives, as long as the connection does."""
        await self._driver.fetch(LIVE, self._name)

    async def gone(self) -> frozenset[str]:
        """Return the workers that have jobs and do not live."""
        return frozenset(str(row["name"]) for row in await self._driver.fetch(GONE)) - {self._name}

    async def take_over(self, gone: str) -> int:
        """Have the jobs of a worker that is gone run again now; return how many."""
        return len(await self._driver.fetch(TAKE_OVER, gone))


class Statements(Queries):
    """PgQueuer's statements, but for a job whose next try cannot be written down.

    PgQueuer would give it up. It stays with its worker instead, and is run again once that
    worker, or the job's heartbeat, is missed.
    """

    async def retry_job(
        self, job: PickedJob, delay: timedelta, traceback_record: TracebackRecord | None
    ) -> None:
        """Have a job tried again."""
        try:
            await super().retry_job(job, delay, traceback_record)
        except FAILURES as error:
            log.warning("the outcome of a job is lost", id=job.id, reason=type(error).__name__)


def queries(driver: Driver) -> Queries:
    """Return PgQueuer's statements for our schema."""
    return Statements(driver, *BUILDERS)


async def install(connection: Connection) -> None:
    """Make PgQueuer's tables in the transaction, unless they are there."""
    if (await connection.execute(THERE)).first() is not None:
        return
    raw: Any = await connection.alchemy.get_raw_connection()
    await raw.driver_connection.execute(BUILDERS[0].build_install_query())
