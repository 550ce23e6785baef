import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bylaw.adapters.jobs import handler, postgres, sqlite
from bylaw.app import clock
from bylaw.base.errors import StoreUnavailable
from bylaw.base.plain import Record
from bylaw.model.job import RetryPolicy
from bylaw.store.queue_postgres import PostgresQueue
from bylaw.store.queue_sqlite import SqliteQueue
from bylaw.store.store import Store
from tests.adapters.workers import Told, jobs_of, until, working
from tests.store.raw import execute

DOOMED = Path(__file__).parent / "doomed.py"
PICK = (
    "INSERT INTO bylaw_jobs.pgqueuer_log (job_id, status, priority, entrypoint)"
    " SELECT id, 'picked', 0, 'call' FROM bylaw_jobs.pgqueuer"
)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait little, so that the tests are short."""
    monkeypatch.setattr(handler, "TURNS", RetryPolicy(first_s=0.01, most_s=0.01))
    monkeypatch.setattr(sqlite, "LOOK_S", 0.02)
    monkeypatch.setattr(postgres, "POLL", timedelta(seconds=0.02))


async def crash(store: Store) -> None:
    """Have all jobs begun beside each other, by a process that ends."""
    if isinstance(store.queue, SqliteQueue):
        await store.queue.pick(("call",), now=clock.now(), limit=9)
        await store.queue.recover(clock.now())
    else:
        await execute(store, PICK)


async def crash_alone(store: Store, job_id: int) -> None:
    """Have a suspected job begun, by a process that ends."""
    await store.queue.alone(job_id)
    await crash(store)


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


@pytest.mark.usefixtures("soon")
async def test_no_crash_of_a_process_loses_the_jobs_beside_the_guilty_one(store: Store) -> None:
    told = Told()
    jobs = jobs_of(store)
    jobs.register("call", told)
    async with store.write() as tx:
        for number in range(2):
            await tx.enqueue("call", {"n": number})
    for _ in range(30):
        await crash(store)

    async with working(jobs):
        runs = [await told.next(), await told.next()]

    assert sorted(payload["n"] for payload, _ in runs) == [0, 1]


@pytest.mark.usefixtures("soon")
async def test_a_job_that_ends_its_process_each_time_that_it_runs_alone_is_given_up(
    store: Store,
) -> None:
    told = Told()
    jobs = jobs_of(store)
    jobs.register("call", told)
    async with store.write() as tx:
        await tx.enqueue("call", {})
    for _ in range(6):
        await crash(store)
    for _ in range(20):
        await crash_alone(store, 1)

    async with working(jobs):
        await until(store, lambda count: count == 1)

    async with store.read() as tx:
        (dead,) = await tx.jobs.dead()
    assert told.runs.empty()
    assert dead.message == "it was started alone 20 times and its process ended each time"


@pytest.mark.usefixtures("soon")
async def test_a_job_that_finds_the_store_down_waits_for_it_and_has_not_failed(
    store: Store,
) -> None:
    told, down = Told(), iter(range(9))

    async def needs_the_store(payload: Record, attempts: int) -> None:
        if next(down, None) is not None:
            raise StoreUnavailable("the store does not answer")
        await told(payload, attempts)

    jobs = jobs_of(store)
    jobs.register("call", needs_the_store)
    async with store.write() as tx:
        await tx.enqueue("call", {"n": 1})

    async with working(jobs):
        assert await told.next() == ({"n": 1}, 0)


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
