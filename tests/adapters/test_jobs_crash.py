import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bylaw.adapters.jobs import postgres
from bylaw.app import clock
from bylaw.store.queue_postgres import PostgresQueue
from bylaw.store.queue_sqlite import SqliteQueue
from bylaw.store.store import Store
from tests.adapters.workers import Told, jobs_of, until, working
from tests.store.raw import execute

DOOMED = Path(__file__).parent / "doomed.py"
FIVE_PICKS = (
    "INSERT INTO bylaw_jobs.pgqueuer_log (job_id, status, priority, entrypoint)"
    " SELECT id, 'picked', 0, 'call' FROM bylaw_jobs.pgqueuer, generate_series(1, 5)"
)


@pytest.mark.slow
async def test_the_job_of_a_killed_process_runs_in_another(store: Store, store_url: str) -> None:
    told = Told()
    jobs = jobs_of(store)
    jobs.register("call", told)
    async with store.write() as tx:
        await tx.enqueue("call", {"n": 1}, key="k")
    doomed = await asyncio.create_subprocess_exec(
        sys.executable, str(DOOMED), store_url, stdout=asyncio.subprocess.PIPE
    )
    assert doomed.stdout is not None
    assert await doomed.stdout.readline() == b"taken\n"

    async with working(jobs):
        doomed.kill()
        await doomed.wait()

        assert await told.next() == ({"n": 1}, 0)


async def test_a_job_that_ends_its_process_is_given_up_on_sqlite(sqlite_url: str) -> None:
    async with Store.open(sqlite_url) as store:
        await store.migrate()
        async with store.write() as tx:
            await tx.enqueue("call", {})
        queue = store.queue
        assert isinstance(queue, SqliteQueue)

        for _ in range(5):
            assert len(await queue.pick(("call",), now=clock.now(), limit=9)) == 1
            await queue.recover(clock.now())

        assert await queue.pick(("call",), now=clock.now(), limit=9) == ()
        async with store.read() as tx:
            (dead,) = await tx.jobs.dead()
    assert dead.message == "it was started 5 times and its process ended each time"


async def test_a_job_that_ends_its_process_is_given_up_on_postgres(postgres_url: str) -> None:
    async with Store.open(postgres_url) as store:
        async with store.write() as tx:
            await tx.enqueue("call", {})
        await execute(store, FIVE_PICKS)
        told = Told()
        jobs = jobs_of(store)
        jobs.register("call", told)

        async with working(jobs):
            await until(store, lambda count: count == 1)

        async with store.read() as tx:
            (dead,) = await tx.jobs.dead()
    assert told.runs.empty()
    assert "its process ended each time" in dead.message


async def test_the_log_of_jobs_that_ended_is_pruned(postgres_url: str) -> None:
    async with Store.open(postgres_url) as store:
        told = Told()
        jobs = jobs_of(store)
        jobs.register("call", told)
        async with store.write() as tx:
            await tx.enqueue("call", {})
        async with working(jobs):
            await told.next()
        async with store.write() as tx:
            await tx.enqueue("waits", {})

        assert isinstance(store.queue, PostgresQueue)
        await store.queue.prune(clock.now() + timedelta(seconds=1))

        async with store._backend.read() as connection:
            left = await connection.exec_driver_sql(
                "SELECT entrypoint FROM bylaw_jobs.pgqueuer_log"
            )
            assert [row[0] for row in left] == ["waits"]


@pytest.mark.parametrize(
    ("seconds", "expression"),
    [
        (1, "* * * * * */1"),
        (30, "* * * * * */30"),
        (60, "*/1 * * * *"),
        (900, "*/15 * * * *"),
        (3600, "0 */1 * * *"),
        (86_400, "0 0 * * *"),
    ],
)
def test_what_divides_a_minute_an_hour_or_a_day_recurs(seconds: int, expression: str) -> None:
    assert postgres.cron(seconds) == expression


@pytest.mark.parametrize("seconds", [0, 7, 90, 5 * 3600, 2 * 86_400])
def test_what_divides_nothing_is_refused(seconds: int) -> None:
    with pytest.raises(ValueError, match="do not divide"):
        postgres.cron(seconds)
