from dataclasses import replace

from bylaw.model.timer import TimerStatus
from bylaw.store.store import Store
from tests.store.rows import MINUTE, NOW, timer


async def test_a_timer_fires_once(store: Store) -> None:
    async with store.write() as tx:
        await tx.timers.arm([timer()])

        first = await tx.timers.fire(timer())
        second = await tx.timers.fire(timer())

        assert (first, second) == (True, False)
        assert await tx.timers.of_instance("main", "review:a") == (
            replace(timer(), status=TimerStatus.FIRED),
        )


async def test_a_timer_that_repeats_is_armed_again(store: Store) -> None:
    next_time = replace(timer(), due_at=NOW + 2 * MINUTE)
    async with store.write() as tx:
        await tx.timers.arm([timer()])
        await tx.timers.fire(timer())

        await tx.timers.arm([next_time])

        assert not await tx.timers.fire(timer())
        assert await tx.timers.fire(next_time)


async def test_a_timer_of_a_left_state_does_not_fire(store: Store) -> None:
    async with store.write() as tx:
        other = timer("escalate", state="open", entry=1)
        await tx.timers.arm([timer(), other])

        cancelled = await tx.timers.cancel_left("main", "review:a", left=[("open.asked", 2)])

        assert [one.name for one in cancelled] == ["remind"]
        assert not await tx.timers.fire(timer())
        assert await tx.timers.waiting("main", "review:a") == (other,)


async def test_leaving_nothing_cancels_nothing(store: Store) -> None:
    async with store.write() as tx:
        await tx.timers.arm([timer()])

        assert await tx.timers.cancel_left("main", "review:a", left=[]) == ()
