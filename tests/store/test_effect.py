from dataclasses import replace

from bylaw.model.effect import EffectStatus
from bylaw.store.store import Store
from tests.store.rows import MINUTE, NOW, effect


async def test_an_effect_comes_back_as_it_was_written(store: Store) -> None:
    direct = effect("eff_2", instance=None, awaited=False, timeout_s=None)

    async with store.write() as tx:
        await tx.effects.insert([effect(), direct])

    async with store.read() as tx:
        assert await tx.effects.get("main", "eff_1") == effect()
        assert await tx.effects.get("main", "eff_2") == direct


async def test_no_effects_are_fine(store: Store) -> None:
    async with store.write() as tx:
        await tx.effects.insert([])

        assert await tx.effects.of_instance("main", "review:a") == ()


async def test_beginning_counts_the_attempts(store: Store) -> None:
    async with store.write() as tx:
        await tx.effects.insert([effect()])

        await tx.effects.begin("main", "eff_1")
        begun = await tx.effects.begin("main", "eff_1")

    assert begun == replace(effect(), status=EffectStatus.RUNNING, attempts=2)


async def test_an_effect_with_an_end_is_not_begun_again(store: Store) -> None:
    async with store.write() as tx:
        await tx.effects.insert([effect()])
        ended = await tx.effects.end(
            "main", "eff_1", status=EffectStatus.DONE, at=NOW + MINUTE, message="ok", result=[1]
        )

        begun = await tx.effects.begin("main", "eff_1")
        again = await tx.effects.end("main", "eff_1", status=EffectStatus.FAILED, at=NOW)
        found = await tx.effects.get("main", "eff_1")

    assert (ended, begun, again) == (True, None, False)
    assert found is not None
    assert (found.status, found.message, found.result) == (EffectStatus.DONE, "ok", [1])
    assert found.ended_at == NOW + MINUTE


async def test_leaving_a_state_cancels_what_it_awaits(store: Store) -> None:
    async with store.write() as tx:
        sent = effect("eff_2", awaited=False)
        earlier = effect("eff_3", entry=1)
        await tx.effects.insert([effect(), sent, earlier])

        cancelled = await tx.effects.cancel_left(
            "main", "review:a", left=[("merging", 3), ("open", 1)], at=NOW
        )
        begun = await tx.effects.begin("main", "eff_1")
        pending = await tx.effects.with_status("main", EffectStatus.PENDING)

    assert [one.id for one in cancelled] == ["eff_1"]
    assert begun is None
    assert [one.id for one in pending] == ["eff_2", "eff_3"]


async def test_a_late_end_of_a_cancelled_call_is_recorded(store: Store) -> None:
    async with store.write() as tx:
        await tx.effects.insert([effect()])
        await tx.effects.cancel_left("main", "review:a", left=[("merging", 3)], at=NOW)

        ended = await tx.effects.end("main", "eff_1", status=EffectStatus.LATE, at=NOW)

        assert ended
        assert (await tx.effects.with_status("main", EffectStatus.LATE))[0].id == "eff_1"
