from dataclasses import replace

from bylaw.model.timer import TimerStatus
from bylaw.store.store import Store
from tests.store.rows import MINUTE, NOW, effect, instance, timer


async def test_an_instance_comes_back_as_it_was_written(store: Store) -> None:
    written = instance(data={"z": 1, "a": [1.0, None, True, {"ü": "☃"}]})

    async with store.write() as tx:
        added = await tx.instances.insert(written)

    assert added
    async with store.read() as tx:
        found = await tx.instances.get("main", "review:a")
    assert found == written
    assert found is not None
    assert list(found.data) == ["z", "a"]


async def test_an_instance_of_another_scope_is_not_there(store: Store) -> None:
    async with store.write() as tx:
        await tx.instances.insert(instance())

    async with store.read() as tx:
        assert await tx.instances.get("other", "review:a") is None


async def test_a_key_has_one_open_instance(store: Store) -> None:
    async with store.write() as tx:
        await tx.instances.insert(instance())

    async with store.write() as tx:
        second = await tx.instances.insert(instance(id="review:a#2"))
        other_scope = await tx.instances.insert(instance(scope="other"))

    assert (second, other_scope) == (False, True)


async def test_a_key_is_free_again_when_its_instance_is_closed(store: Store) -> None:
    async with store.write() as tx:
        await tx.instances.insert(instance(closed=True))

        second = await tx.instances.insert(instance(id="review:a#2"))

        assert second
        assert await tx.instances.count_of_key("main", "review", key="a") == 2
        found = await tx.instances.open_with_key("main", "review", key="a")
    assert found is not None
    assert found.id == "review:a#2"


async def test_an_update_writes_what_a_step_changes(store: Store) -> None:
    async with store.write() as tx:
        await tx.instances.insert(instance())
    moved = instance(
        states=("merged",),
        entries={"merged": 3},
        entered=3,
        data={"number": 2},
        version=2,
        closed=True,
        definition="d2",
        moved_at=NOW + MINUTE,
    )

    async with store.write() as tx:
        updated = await tx.instances.update(moved, expected_version=1)

    assert updated
    async with store.read() as tx:
        assert await tx.instances.get("main", "review:a") == moved


async def test_an_update_of_another_version_changes_nothing(store: Store) -> None:
    async with store.write() as tx:
        await tx.instances.insert(instance())

        updated = await tx.instances.update(replace(instance(), version=9), expected_version=8)

        assert not updated
        assert await tx.instances.get("main", "review:a") == instance()


async def test_open_instances_are_paged_newest_first(store: Store) -> None:
    async with store.write() as tx:
        await tx.instances.insert(instance("a"))
        await tx.instances.insert(instance("b", started_at=NOW + MINUTE))
        await tx.instances.insert(instance("c"))
        await tx.instances.insert(instance("d", closed=True))

    async with store.read() as tx:
        first = await tx.instances.open_of("main", limit=2)
        rest = await tx.instances.open_of("main", limit=2, after=first[-1].id)

    assert [found.key for found in first] == ["b", "c"]
    assert [found.key for found in rest] == ["a"]


async def test_open_instances_are_filtered_by_workflow_and_starter(store: Store) -> None:
    async with store.write() as tx:
        await tx.instances.insert(instance("a"))
        await tx.instances.insert(instance("b", started_by="ben"))
        await tx.instances.insert(instance("c", id="other:c", workflow="other"))

    async with store.read() as tx:
        found = await tx.instances.open_of("main", workflow="review", started_by="ana")

    assert [one.key for one in found] == ["a"]


async def test_instances_are_found_by_the_fields_of_their_data(store: Store) -> None:
    async with store.write() as tx:
        await tx.instances.insert(instance("a", data={"repo": "x", "pr": 7, "hot": True}))
        await tx.instances.insert(instance("b", data={"repo": "x", "pr": "7", "hot": 1}))
        await tx.instances.insert(instance("c", data={"repo": "x", "pr": 7.0, "hot": None}))
        await tx.instances.insert(instance("d", data={"repo": "y", "pr": 7, "hot": False}))
        await tx.instances.insert(instance("e", data={"repo": "x"}, closed=True))

    async with store.read() as tx:
        by_number = await tx.instances.find("main", "review", fields={"repo": "x", "pr": 7})
        by_text = await tx.instances.find("main", "review", fields={"pr": "7"})
        by_true = await tx.instances.find("main", "review", fields={"hot": True})
        by_null = await tx.instances.find("main", "review", fields={"hot": None})
        everything = await tx.instances.find("main", "review", fields={})

    assert [found.key for found in by_number] == ["a", "c"]
    assert [found.key for found in by_text] == ["b"]
    assert [found.key for found in by_true] == ["a"]
    assert [found.key for found in by_null] == ["c"]
    assert [found.key for found in everything] == ["a", "b", "c", "d"]


async def test_instances_are_seen_with_what_there_is_of_them_besides(store: Store) -> None:
    async with store.write() as tx:
        for key in ("a", "b", "c"):
            await tx.instances.insert(instance(key))
        await tx.instances.insert(instance("b", scope="other"))
        await tx.effects.insert([effect(instance="review:b")])
        await tx.timers.arm(
            [timer(instance="review:c"), timer(instance="review:a", status=TimerStatus.FIRED)]
        )

    async with store.read() as tx:
        seen = await tx.instances.sights("main", ["review:c", "review:a", "review:b", "none"])
        nothing = await tx.instances.sights("main", [])

    found = {one.instance.id: (one.has_calls, one.has_timers) for one in seen}
    assert found == {
        "review:a": (False, False),
        "review:b": (True, False),
        "review:c": (False, True),
    }
    assert seen[0].instance == instance(seen[0].instance.key)
    assert nothing == ()
