"""What PgQueuer has to hold for us, on a real server: several processes, lost connections."""

import asyncio
from datetime import timedelta

import pytest

from bylaw.adapters.jobs import postgres
from bylaw.adapters.jobs.worker import Jobs
from bylaw.app import clock
from bylaw.base.plain import Record
from bylaw.store.store import Store
from tests.adapters.workers import Told, jobs_of, working
from tests.store.raw import execute, scalar

pytestmark = pytest.mark.postgres

# Everybody in this database but the one who asks.
OTHERS = " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
LISTENING = f"SELECT count(*){OTHERS} AND query ILIKE 'LISTEN %'"
END_LISTENING = f"SELECT pg_terminate_backend(pid){OTHERS} AND query ILIKE 'LISTEN %'"
LOCKS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
END_LOCKS = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
END_ALL = f"SELECT pg_terminate_backend(pid){OTHERS}"
PICKED = "SELECT count(*) FROM bylaw_jobs.pgqueuer_log WHERE status = 'picked'"
DEAD = "SELECT count(*) FROM bylaw_jobs.pgqueuer WHERE status = 'failed'"
SCHEDULES = "SELECT string_agg(entrypoint, ' ') FROM bylaw_jobs.pgqueuer_schedules"
# The first try to put a job back fails; a sequence keeps its number through that.
NOT_PUT_BACK = (
    "CREATE SEQUENCE tries",
    (
        "CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF nextval('tries') = 1 THEN RAISE 'not now'; END IF; RETURN NEW; END $$"
    ),
    (
        "CREATE TRIGGER fails BEFORE UPDATE ON bylaw_jobs.pgqueuer FOR EACH ROW"
        " WHEN (OLD.status = 'picked' AND NEW.status = 'queued') EXECUTE FUNCTION fail_once()"
    ),
)
# Firings that came less than half a period after the one before.
DOUBLED = (
    "SELECT count(*) FROM (SELECT created - lag(created) OVER (ORDER BY created) AS after"
    " FROM bylaw_jobs.pgqueuer_log WHERE entrypoint = 'tick' AND status = 'queued') AS tick"
    " WHERE after < interval '1 second'"
)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, so that the tests are short."""
    monkeypatch.setattr(postgres, "POLL", timedelta(seconds=0.1))
    monkeypatch.setattr(postgres, "RESTART", timedelta(seconds=0.1))


def registered(store: Store, told: Told) -> Jobs:
    jobs = jobs_of(store)
    jobs.register("call", told)
    return jobs


async def until(store: Store, query: str, wanted: int) -> None:
    """Wait until a count is as wanted."""
    async with asyncio.timeout(20):
        while True:
            if await scalar(store, query) == wanted:
                return
            await asyncio.sleep(0.05)


async def test_jobs_run_though_the_listening_connection_is_lost(postgres_url: str) -> None:
    told = Told()
    async with Store.open(postgres_url) as store, working(registered(store, told)):
        await until(store, LISTENING, 1)
        await execute(store, END_LISTENING)
        async with store.write() as tx:
            await tx.enqueue("call", {"n": 1})

        assert await told.next() == ({"n": 1}, 0)


async def test_jobs_run_though_every_connection_is_lost(postgres_url: str) -> None:
    told = Told()
    async with Store.open(postgres_url) as store, working(registered(store, told)):
        await until(store, LISTENING, 1)
        async with Store.open(postgres_url) as other:
            await execute(other, END_ALL)
            async with other.write() as tx:
                await tx.enqueue("call", {"n": 1})

        assert await told.next() == ({"n": 1}, 0)


async def test_job_of_a_process_that_lives_is_left_to_it(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Time enough to connect anew, however busy the machine is.
    monkeypatch.setattr(postgres, "POLL", timedelta(seconds=0.4))
    begun, told = asyncio.Event(), Told()

    async def long(_payload: Record, _attempts: int) -> None:
        begun.set()
        await told.next()

    async with Store.open(postgres_url) as store, Store.open(postgres_url) as other:
        one = jobs_of(store)
        one.register("call", long)
        two = jobs_of(other)
        two.register("call", long)
        async with store.write() as tx:
            await tx.enqueue("call", {})
        async with working(one):
            await begun.wait()
            async with working(two):
                await until(store, LOCKS, 2)
                # One who is cut off for a moment shows itself again before it is missed twice.
                await execute(store, END_LOCKS)
                await until(store, LOCKS, 2)
                # Several looks; what must not happen cannot be awaited.
                await asyncio.sleep(1.0)
                picked = await scalar(store, PICKED)
                await told({}, 0)

    assert picked == 1


async def test_job_whose_next_try_cannot_be_written_runs_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "HEARTBEAT", timedelta(seconds=0.5))
    told = Told(failures=1)
    async with Store.open(postgres_url) as store:
        for statement in NOT_PUT_BACK:
            await execute(store, statement)
        async with store.write() as tx:
            await tx.enqueue("call", {"n": 1})
        async with working(registered(store, told)):
            runs = [await told.next() for _ in range(2)]
            dead = await scalar(store, DEAD)

    assert runs == [({"n": 1}, 0)] * 2
    assert dead == 0


async def test_delayed_job_runs_in_one_of_two_processes(postgres_url: str) -> None:
    told = Told()
    async with (
        Store.open(postgres_url) as store,
        Store.open(postgres_url) as other,
        working(registered(store, told), registered(other, told)),
    ):
        async with store.write() as tx:
            due_at = clock.now() + timedelta(seconds=0.3)
            for number in range(10):
                await tx.enqueue("call", {"n": number}, due_at=due_at)
        runs = [await told.next() for _ in range(10)]

    assert sorted(payload["n"] for payload, _ in runs) == list(range(10))
    assert told.runs.empty()


@pytest.mark.slow
async def test_what_recurs_is_fired_by_one_of_two_processes(postgres_url: str) -> None:
    told = Told()
    async with Store.open(postgres_url) as store, Store.open(postgres_url) as other:
        workers = [jobs_of(store), jobs_of(other)]
        for worker in workers:
            worker.every("tick", 2, told)
        async with working(*workers):
            for _ in range(2):
                await told.next()
        doubled = await scalar(store, DOUBLED)
        schedules = await scalar(store, SCHEDULES)

    assert doubled == 0
    # The log of jobs is pruned every day, so that it does not grow for ever.
    assert sorted(str(schedules).split()) == ["every-prune-jobs", "every-tick"]
