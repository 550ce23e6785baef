import pytest

from bylaw.base.errors import Conflict
from bylaw.store.store import Store
from tests.replay import replay
from tests.store.rows import entry


async def test_history_comes_back_oldest_first(store: Store) -> None:
    async with store.write() as tx:
        await tx.history.append(entry(2))
        await tx.history.append(entry(1))
        await tx.history.append(entry(1, instance="review:b"))

    async with store.read() as tx:
        assert await tx.history.of_instance("main", "review:a") == (entry(1), entry(2))
        assert await tx.history.of_instance("main", "review:a", after=1) == (entry(2),)


async def test_history_tells_where_the_instance_stands(store: Store) -> None:
    async with store.write() as tx:
        await tx.history.append(entry(1, changed={"a": 1, "b": 1}, states=("open",)))
        await tx.history.append(entry(2, changed={"b": None}, states=("merged",)))

    async with store.read() as tx:
        told = replay(await tx.history.of_instance("main", "review:a"))

    assert (told.version, told.states, told.data) == (2, ("merged",), {"a": 1, "b": None})


async def test_two_steps_to_one_version_conflict(store: Store) -> None:
    async with store.write() as tx:
        await tx.history.append(entry(1))

    with pytest.raises(Conflict):
        async with store.write() as tx:
            await tx.history.append(entry(1))
