from contextlib import suppress

from bylaw.store.store import Store, Transaction
from tests.store.rows import MINUTE, NOW


async def test_a_rollback_leaves_no_job_though_it_came_first(store: Store) -> None:
    with suppress(LookupError):
        async with store.write() as tx:
            await tx.enqueue("call", {"n": 1}, key="k")
            raise LookupError

    async with store.write() as tx:
        assert await tx.enqueue("call", {"n": 2}, key="k")


async def test_a_key_has_one_job_that_waits(store: Store) -> None:
    async with store.write() as tx:
        first = await tx.enqueue("call", {"n": 1}, key="k", due_at=NOW)
        second = await tx.enqueue("call", {"n": 2}, key="k", due_at=NOW + MINUTE)
        without = [await tx.enqueue("call", {"n": 3}) for _ in range(2)]

    assert (first, second, without) == (True, False, [True, True])


async def test_a_cancelled_job_frees_its_key(store: Store) -> None:
    async with store.write() as tx:
        await tx.enqueue("call", {}, key="k")

    async with store.write() as tx:
        cancelled = await tx.cancel_job("k")
        again = await tx.cancel_job("k")

        assert (cancelled, again) == (True, False)
        assert await tx.enqueue("call", {}, key="k")


async def test_a_cancelling_that_is_rolled_back_keeps_the_job(store: Store) -> None:
    async with store.write() as tx:
        await tx.enqueue("call", {}, key="k")

    async def cancel(tx: Transaction) -> None:
        assert await tx.cancel_job("k")
        raise LookupError

    with suppress(LookupError):
        async with store.write() as tx:
            await cancel(tx)

    async with store.write() as tx:
        assert not await tx.enqueue("call", {}, key="k")


async def test_no_job_is_dead_at_first(store: Store) -> None:
    async with store.write() as tx:
        await tx.enqueue("call", {}, key="k")

        assert await tx.jobs.dead() == ()
        assert not await tx.jobs.requeue(1)
        assert not await tx.jobs.drop(1)
