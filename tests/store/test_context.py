from bylaw.base.plain import Plain
from bylaw.model.record import ContextRecord
from bylaw.store.store import Store, Transaction
from tests.store.rows import MINUTE, NOW


async def put(
    tx: Transaction, key: str, value: Plain = None, *, expected_version: int | None = None
) -> ContextRecord | None:
    return await tx.context.put(
        "main", key, value=value, by="ana", at=NOW, expected_version=expected_version
    )


async def test_a_record_comes_back_as_it_was_written(store: Store) -> None:
    async with store.write() as tx:
        written = await put(tx, "tasks/1", {"title": "ship", "done": None})

    async with store.read() as tx:
        found = await tx.context.get("main", "tasks/1")
        assert await tx.context.get("other", "tasks/1") is None

    assert found == written
    assert found is not None
    assert (found.version, found.updated_by, found.updated_at) == (1, "ana", NOW)
    assert found.value == {"title": "ship", "done": None}


async def test_null_is_a_value(store: Store) -> None:
    async with store.write() as tx:
        await put(tx, "a", None)

        found = await tx.context.get("main", "a")

    assert found is not None
    assert found.value is None


async def test_without_an_expected_version_the_last_one_wins(store: Store) -> None:
    async with store.write() as tx:
        await put(tx, "a", 1)

        second = await put(tx, "a", 2)

    assert second is not None
    assert (second.version, second.value) == (2, 2)


async def test_another_version_than_expected_writes_nothing(store: Store) -> None:
    async with store.write() as tx:
        await put(tx, "a", 1)

        early = await put(tx, "a", 2, expected_version=0)
        wrong = await put(tx, "a", 3, expected_version=7)
        right = await put(tx, "a", 4, expected_version=1)

    assert (early, wrong) == (None, None)
    assert right is not None
    assert (right.version, right.value) == (2, 4)


async def test_records_are_paged_by_key_under_a_prefix(store: Store) -> None:
    async with store.write() as tx:
        for key in ("tasks/b", "tasks/B", "tasks/ä", "tasks_1", "plan/a"):
            await put(tx, key)

    async with store.read() as tx:
        first = await tx.context.page("main", prefix="tasks/", limit=2)
        rest = await tx.context.page("main", prefix="tasks/", after=first[-1].key)

    assert [record.key for record in first] == ["tasks/B", "tasks/b"]
    assert [record.key for record in rest] == ["tasks/ä"]


async def test_records_are_found_by_a_part_of_key_or_value(store: Store) -> None:
    async with store.write() as tx:
        await put(tx, "tasks/ship", {"title": "x"})
        await put(tx, "tasks/2", {"title": 'Ship the "100%" größe'})
        await put(tx, "tasks/3", {"title": "100 percent"})

    async with store.read() as tx:
        by_word = await tx.context.search("main", "SHIP")
        by_quotes = await tx.context.search("main", '"100%" größe')
        by_prefix = await tx.context.search("main", "x", prefix="plan/")

    assert [record.key for record in by_word] == ["tasks/2", "tasks/ship"]
    assert [record.key for record in by_quotes] == ["tasks/2"]
    assert by_prefix == ()


async def test_signs_that_mean_more_to_a_database_stand_for_themselves(store: Store) -> None:
    async with store.write() as tx:
        for key in ("a_b/100%", "axb/100x", "a/b"):
            await put(tx, key, value=f"{key}\\")

    async with store.read() as tx:
        under = await tx.context.page("main", prefix="a_b/")
        by_key = await tx.context.search("main", "a_B")
        by_share = await tx.context.search("main", "0%", prefix="a")
        by_slash = await tx.context.search("main", "b\\")

    assert [one.key for one in under] == ["a_b/100%"]
    assert [one.key for one in by_key] == ["a_b/100%"]
    assert [one.key for one in by_share] == ["a_b/100%"]
    assert [one.key for one in by_slash] == ["a/b"]


async def test_collections_are_counted(store: Store) -> None:
    async with store.write() as tx:
        await put(tx, "tasks/1")
        await put(tx, "roadmap")
        await tx.context.put("main", "tasks/2/x", value=1, by="ana", at=NOW + MINUTE)

    async with store.read() as tx:
        found = await tx.context.collections("main")

    assert [(one.name, one.count, one.updated_at) for one in found] == [
        ("roadmap", 1, NOW),
        ("tasks", 2, NOW + MINUTE),
    ]
