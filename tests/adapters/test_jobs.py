import asyncio
from datetime import timedelta

import pytest

from bylaw.adapters.jobs.worker import Jobs
from bylaw.app import clock
from bylaw.base.plain import Record
from bylaw.model.job import RetryPolicy
from bylaw.store.store import Store
from tests.adapters.workers import Told, jobs_of, until, working

SOON = RetryPolicy(attempts=3, first_s=0.01, most_s=0.01)


async def enqueue(store: Store, number: int = 1, *, key: str | None = None) -> None:
    async with store.write() as tx:
        await tx.enqueue("call", {"n": number}, key=key)


def registered(store: Store, told: Told) -> Jobs:
    jobs = jobs_of(store)
    jobs.register("call", told, policy=SOON)
    return jobs


async def test_a_job_runs_after_the_commit(store: Store) -> None:
    told = Told()
    async with working(registered(store, told)):
        async with store.write() as tx:
            await tx.enqueue("call", {"n": [1, None]})
            assert told.runs.empty()

        assert await told.next() == ({"n": [1, None]}, 0)


async def test_a_job_that_waited_for_a_worker_runs(store: Store) -> None:
    told = Told()
    await enqueue(store)

    async with working(registered(store, told)):
        assert await told.next() == ({"n": 1}, 0)


async def test_a_delayed_job_does_not_run_before_its_time(store: Store) -> None:
    told = Told()
    due_at = clock.now() + timedelta(seconds=0.6)
    async with store.write() as tx:
        await tx.enqueue("call", {"n": 2}, due_at=due_at)
        await tx.enqueue("call", {"n": 1})

    async with working(registered(store, told)):
        assert (await told.next())[0] == {"n": 1}
        assert (await told.next())[0] == {"n": 2}

    assert clock.now() >= due_at


async def test_a_job_that_fails_is_tried_again(store: Store) -> None:
    told = Told(failures=2)
    await enqueue(store)

    async with working(registered(store, told)):
        attempts = [(await told.next())[1] for _ in range(3)]

    assert attempts == [0, 1, 2]
    async with store.read() as tx:
        assert await tx.jobs.dead() == ()


async def test_a_job_that_always_fails_is_kept_as_dead(store: Store) -> None:
    told = Told(failures=99)
    await enqueue(store, key="k")

    async with working(registered(store, told)):
        await until(store, lambda count: count == 1)

    async with store.read() as tx:
        (dead,) = await tx.jobs.dead()
    assert (dead.name, dead.payload, dead.key, dead.attempts) == ("call", {"n": 1}, "k", 3)
    assert "not there" in dead.message


async def test_a_dead_job_is_tried_again_when_asked(store: Store) -> None:
    told = Told(failures=3)
    await enqueue(store, key="k")
    async with working(registered(store, told)):
        await until(store, lambda count: count == 1)
        async with store.write() as tx:
            await tx.enqueue("other", {}, key="k")
            (dead,) = await tx.jobs.dead()

            assert await tx.jobs.requeue(dead.id)

        await until(store, lambda count: count == 0)
        runs = [await told.next() for _ in range(4)]

    assert [attempts for _, attempts in runs] == [0, 1, 2, 0]


async def test_a_dead_job_can_be_dropped(store: Store) -> None:
    await enqueue(store)
    async with working(registered(store, Told(failures=3))):
        await until(store, lambda count: count == 1)

    async with store.write() as tx:
        (dead,) = await tx.jobs.dead()
        assert await tx.jobs.drop(dead.id)
        assert await tx.jobs.dead() == ()


async def test_a_cancelled_job_does_not_run(store: Store) -> None:
    told = Told()
    await enqueue(store, 1, key="k")
    async with store.write() as tx:
        await tx.cancel_job("k")

    async with working(registered(store, told)):
        await enqueue(store, 2)

        assert (await told.next())[0] == {"n": 2}
    assert told.runs.empty()


async def test_a_handler_may_enqueue_under_the_key_of_its_job(store: Store) -> None:
    ends: asyncio.Queue[int] = asyncio.Queue()

    async def again(payload: Record, _attempts: int) -> None:
        if payload["n"] < 3:
            await enqueue(store, payload["n"] + 1, key="k")
        await ends.put(payload["n"])

    jobs = jobs_of(store)
    jobs.register("call", again)
    await enqueue(store, key="k")

    async with working(jobs), asyncio.timeout(20):
        assert [await ends.get() for _ in range(3)] == [1, 2, 3]


async def test_a_job_that_fails_gives_way_to_a_newer_one_under_its_key(store: Store) -> None:
    told = Told()

    async def failing(payload: Record, attempts: int) -> None:
        if payload["n"] == 1 and attempts == 0:
            await enqueue(store, 2, key="k")
            raise LookupError
        await told(payload, attempts)

    jobs = jobs_of(store)
    jobs.register("call", failing, policy=SOON)
    await enqueue(store, 1, key="k")

    async with working(jobs):
        runs = [await told.next() for _ in range(2)]

    assert sorted((payload["n"], attempts) for payload, attempts in runs) == [(1, 1), (2, 0)]


async def test_two_workers_run_each_job_once(store: Store, store_url: str) -> None:
    told = Told()
    async with (
        Store.open(store_url) as other,
        working(registered(store, told), registered(other, told)),
    ):
        for number in range(20):
            await enqueue(store, number)
        runs = [await told.next() for _ in range(20)]

    assert sorted(payload["n"] for payload, _ in runs) == list(range(20))
    assert told.runs.empty()


async def test_a_job_of_another_process_is_seen(store: Store, store_url: str) -> None:
    told = Told()
    async with Store.open(store_url) as other, working(registered(store, told)):
        await enqueue(other)

        assert await told.next() == ({"n": 1}, 0)


async def test_a_job_nobody_handles_is_left_for_those_who_do(store: Store) -> None:
    told = Told()
    async with store.write() as tx:
        await tx.enqueue("unheard-of", {"n": 1})
    async with working(registered(store, told)):
        await enqueue(store, 2)
        assert (await told.next())[0] == {"n": 2}

    jobs = jobs_of(store)
    jobs.register("unheard-of", told)
    async with working(jobs):
        assert (await told.next())[0] == {"n": 1}


async def test_a_job_at_work_may_finish_when_the_worker_stops(store: Store) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def slow(_payload: Record, _attempts: int) -> None:
        begun.set()
        await asyncio.sleep(0.2)
        ended.set()

    jobs = jobs_of(store)
    jobs.register("call", slow)
    await enqueue(store)

    async with working(jobs):
        await begun.wait()

    assert ended.is_set()


async def test_a_job_that_does_not_finish_in_time_runs_again_later(store: Store) -> None:
    begun, told = asyncio.Event(), Told()

    async def stuck(_payload: Record, _attempts: int) -> None:
        begun.set()
        await asyncio.Event().wait()

    jobs = jobs_of(store, drain_s=0.05)
    jobs.register("call", stuck)
    await enqueue(store)
    async with working(jobs):
        await begun.wait()

    async with working(registered(store, told)):
        assert (await told.next())[0] == {"n": 1}


async def test_what_recurs_runs_again_and_again(store: Store) -> None:
    told = Told()
    jobs = jobs_of(store)
    jobs.every("tick", 1, told)

    async with working(jobs):
        assert [await told.next() for _ in range(2)] == [({}, 0), ({}, 0)]


@pytest.mark.parametrize(("failures", "wait_s"), [(1, 1.0), (3, 4.0), (9, 256.0), (30, 300.0)])
def test_the_wait_doubles_up_to_a_bound(failures: int, wait_s: float) -> None:
    policy = RetryPolicy(first_s=1.0, most_s=300.0)

    assert policy.wait_s(failures, luck=0.0) == wait_s
    assert policy.wait_s(failures, luck=1.0) == wait_s / 2
