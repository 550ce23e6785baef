from dataclasses import replace

import pytest

from bylaw.store.audit import GAP_WAIT
from bylaw.store.store import Store
from tests.store.raw import execute
from tests.store.rows import NOW, record


async def append(store: Store, *record_ids: str) -> None:
    async with store.write() as tx:
        await tx.audit.append([record(record_id) for record_id in record_ids])


async def seal(store: Store) -> None:
    async with store.write() as tx:
        await tx.audit.seal(NOW)


async def test_a_record_is_found_by_its_id(store: Store) -> None:
    await append(store, "dec_1", "dec_2")

    async with store.read() as tx:
        found = await tx.audit.get("main", "dec_2")
        assert await tx.audit.get("other", "dec_2") is None

    assert found == replace(record("dec_2"), seq=2)


async def test_records_are_paged_newest_first(store: Store) -> None:
    async with store.write() as tx:
        await tx.audit.append([record("1"), record("2", kind="reload", instance=None)])
        await tx.audit.append([record("3"), record("4", instance="review:b")])

    async with store.read() as tx:
        newest = await tx.audit.latest("main", limit=2)
        older = await tx.audit.latest("main", before=newest[-1].seq)
        reloads = await tx.audit.latest("main", kind="reload")
        of_b = await tx.audit.latest("main", instance="review:b")

    assert [[one.id for one in page] for page in (newest, older, reloads, of_b)] == [
        ["4", "3"],
        ["2", "1"],
        ["2"],
        ["4"],
    ]


async def test_an_untouched_audit_holds_and_its_tail_is_named(store: Store) -> None:
    await append(store, "dec_1", "dec_2")
    await seal(store)
    await append(store, "dec_3")
    await seal(store)
    await append(store, "dec_4", "dec_5")

    async with store.read() as tx:
        report = await tx.audit.verify()

    assert (report.broken, report.broken_seal) == ("", None)
    assert (report.seals, report.records) == (2, 3)
    assert (report.unsealed, report.unsealed_from) == (2, 4)


async def test_nothing_to_seal_makes_no_seal(store: Store) -> None:
    await append(store, "dec_1")
    await seal(store)

    async with store.write() as tx:
        assert await tx.audit.seal(NOW) is None


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        (
            'UPDATE audit SET body = \'{"verdict":"deny"}\' WHERE seq = 2',
            "the records 1 to 2 are not those of seal 1",
        ),
        ("DELETE FROM audit WHERE seq = 1", "seal 1 covers 2 records and 1 are there"),
        (
            "UPDATE audit SET actor = 'eve' WHERE seq = 3",
            "the records 3 to 3 are not those of seal 2",
        ),
        ("DELETE FROM seal WHERE id = 1", "seal 2 does not follow seal 0"),
        ("UPDATE seal SET previous = '' WHERE id = 2", "seal 2 does not follow seal 1"),
    ],
    ids=["changed", "removed", "another actor", "seal removed", "chain cut"],
)
async def test_tampering_names_the_first_broken_seal(
    store: Store, statement: str, broken: str
) -> None:
    await append(store, "dec_1", "dec_2")
    await seal(store)
    await append(store, "dec_3")
    await seal(store)

    await execute(store, statement)

    async with store.read() as tx:
        assert (await tx.audit.verify()).broken == broken


async def test_a_gap_is_waited_for_and_then_sealed_over(store: Store) -> None:
    await append(store, "dec_1", "dec_2", "dec_3")
    await execute(store, "DELETE FROM audit WHERE seq = 2")

    async with store.write() as tx:
        soon = await tx.audit.seal(NOW)
        waiting = await tx.audit.seal(NOW)
        later = await tx.audit.seal(NOW + GAP_WAIT)

    assert soon is not None
    assert (soon.first, soon.last) == (1, 1)
    assert waiting is None
    assert later is not None
    assert (later.first, later.last, later.count) == (3, 3, 1)
    async with store.read() as tx:
        assert (await tx.audit.verify()).broken == ""
