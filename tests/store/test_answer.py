import asyncio

from bylaw.store.answer import KEPT
from bylaw.store.store import Store
from tests.store.rows import MINUTE, NOW, answer


async def test_an_answer_is_given_again_for_seven_days(store: Store) -> None:
    async with store.write() as tx:
        await tx.answers.keep(answer())

    async with store.read() as tx:
        soon = await tx.answers.get("main", "ana", key="k1", now=NOW + KEPT - MINUTE)
        late = await tx.answers.get("main", "ana", key="k1", now=NOW + KEPT)
        other = await tx.answers.get("main", "ben", key="k1", now=NOW)

    assert (soon, late, other) == (answer(), None, None)


async def test_a_key_keeps_its_first_answer(store: Store) -> None:
    async with store.write() as tx:
        await tx.answers.keep(answer())

        second = await tx.answers.keep(answer(call="digest-2", created_at=NOW + MINUTE))

        assert not second
        assert await tx.answers.get("main", "ana", key="k1", now=NOW) == answer()


async def test_an_old_answer_makes_room_for_a_new_one(store: Store) -> None:
    new = answer(call="digest-2", created_at=NOW + KEPT)
    async with store.write() as tx:
        await tx.answers.keep(answer())

        kept = await tx.answers.keep(new)

        assert kept
        assert await tx.answers.get("main", "ana", key="k1", now=NOW + KEPT) == new


async def test_old_answers_are_forgotten(store: Store) -> None:
    async with store.write() as tx:
        await tx.answers.keep(answer())
        await tx.answers.keep(answer("k2", created_at=NOW + MINUTE))

        assert await tx.answers.forget(NOW + KEPT) == 1
        assert await tx.answers.get("main", "ana", key="k2", now=NOW) is not None


async def test_of_two_calls_at_once_with_one_key_one_is_kept(store: Store) -> None:
    async def keep(call: str) -> bool:
        async with store.write() as tx:
            kept = await tx.answers.keep(answer(call=call))
            await asyncio.sleep(0)
            return kept

    kept = await asyncio.gather(*map(keep, ("digest-1", "digest-2", "digest-3")))

    assert sorted(kept) == [False, False, True]
