import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from bylaw.base.errors import ConfigurationError, StoreUnavailable, Unstorable
from bylaw.store.store import Store
from tests.store.raw import execute
from tests.store.rows import NOW, effect, entry, instance, record

EMPTYING = {
    "sqlite": (),
    "postgres": ("DROP SCHEMA bylaw_jobs, public CASCADE", "CREATE SCHEMA public"),
}
# Some hundredths of a second on either database.
SLOW = """
WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 200000)
SELECT count(*) FROM counted
"""


async def test_a_rollback_leaves_nothing(store: Store) -> None:
    with suppress(LookupError):
        async with store.write() as tx:
            await tx.instances.insert(instance())
            await tx.history.append(entry())
            await tx.effects.insert([effect()])
            await tx.audit.append([record()])
            await tx.context.put("main", "a", value=1, by="ana", at=NOW)
            raise LookupError

    async with store.read() as tx:
        assert await tx.instances.get("main", "review:a") is None
        assert await tx.history.of_instance("main", "review:a") == ()
        assert await tx.effects.of_instance("main", "review:a") == ()
        assert await tx.audit.latest("main") == ()
        assert await tx.context.get("main", "a") is None


async def test_a_transaction_is_seen_by_others_after_its_end(store: Store) -> None:
    async with store.write() as tx:
        await tx.instances.insert(instance())
        async with store.read() as other:
            before = await other.instances.get("main", "review:a")

    async with store.read() as other:
        after = await other.instances.get("main", "review:a")
    assert (before, after) == (None, instance())


async def test_a_cancelled_transaction_leaves_nothing_and_harms_nobody(store: Store) -> None:
    inside = asyncio.Event()

    async def write() -> None:
        async with store.write() as tx:
            await tx.instances.insert(instance())
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.ensure_future(write())
    await inside.wait()
    task.cancel()
    await asyncio.wait([task])

    async with store.write() as tx:
        assert await tx.instances.get("main", "review:a") is None
        assert await tx.instances.insert(instance())


async def test_writers_cancelled_at_any_moment_harm_nobody(store: Store) -> None:
    async def write(number: int) -> None:
        async with store.write() as tx:
            await tx.instances.insert(instance(f"k{number}"))
            await tx.context.put("main", "a", value=number, by="ana", at=NOW)

    tasks = [asyncio.ensure_future(write(number)) for number in range(30)]
    for turns, task in enumerate(tasks):
        asyncio.get_running_loop().call_later(turns / 2000, task.cancel)
    await asyncio.wait(tasks)

    async with store.write() as tx:
        assert await tx.instances.insert(instance())
        written = len(await tx.instances.open_of("main", limit=50)) - 1
        record = await tx.context.get("main", "a")
    assert (record.version if record else 0) == written


@pytest.mark.parametrize("times", [1, 2, 5])
@pytest.mark.parametrize("kind", ["read", "write"])
async def test_a_call_cancelled_in_a_statement_ends_and_harms_nobody(
    store: Store, kind: str, times: int
) -> None:
    inside = asyncio.Event()

    async def count() -> None:
        async with getattr(store._backend, kind)() as connection:
            await connection.exec_driver_sql("SELECT 1")
            inside.set()
            await connection.exec_driver_sql(SLOW)

    tasks = [asyncio.ensure_future(count()) for _ in range(3)]
    await inside.wait()
    for task in tasks * times:
        # A scope of anyio goes on cancelling until the call is out of it.
        task.cancel()
        await asyncio.sleep(0)
    _, left = await asyncio.wait(tasks, timeout=10)

    assert not left
    assert all(task.cancelled() for task in tasks)
    for _ in range(6):
        await store.ping()
        async with store.write() as tx:
            await tx.context.put("main", "a", value=1, by="ana", at=NOW)


async def test_callers_at_once_apply_each_step_once(store: Store) -> None:
    async with store.write() as tx:
        await tx.instances.insert(instance(data={"count": 0}))

    async def counted_once() -> bool:
        async with store.write() as tx:
            now = await tx.instances.get("main", "review:a")
            assert now is not None
            counted = {"count": now.data["count"] + 1}
            moved = instance(data=counted, version=now.version + 1)
            return await tx.instances.update(moved, expected_version=now.version)

    async def count() -> None:
        while not await counted_once():
            pass

    await asyncio.gather(*(count() for _ in range(12)))

    async with store.read() as tx:
        found = await tx.instances.get("main", "review:a")
    assert found is not None
    assert (found.version, found.data) == (13, {"count": 12})


async def test_two_stores_share_one_database(store: Store, store_url: str) -> None:
    async with Store.open(store_url) as other:
        await other.migrate()
        async with other.write() as tx:
            await tx.instances.insert(instance())

        async with store.write() as tx:
            assert not await tx.instances.insert(instance())


async def test_two_stores_at_once_make_the_tables_once(store_url: str) -> None:
    async with Store.open(store_url) as one, Store.open(store_url) as other:
        for statement in EMPTYING[one.kind]:
            await execute(one, statement)

        await asyncio.gather(one.migrate(), other.migrate())

        await one.require_current()


async def test_a_store_of_a_newer_version_is_refused(store: Store) -> None:
    await execute(store, "UPDATE bylaw_version SET version_num = '9999'")

    with pytest.raises(ConfigurationError, match="newer Bylaw"):
        await store.migrate()


async def test_a_store_of_this_version_is_left_alone(store: Store) -> None:
    async with store.write() as tx:
        await tx.instances.insert(instance())

    await store.migrate()

    async with store.read() as tx:
        assert await tx.instances.get("main", "review:a") == instance()


@pytest.mark.parametrize("value", ["a\0b", "half \ud83d", float("nan")])
async def test_a_value_that_json_does_not_know_is_refused(store: Store, value: object) -> None:
    with pytest.raises(Unstorable):
        async with store.write() as tx:
            await tx.context.put("main", "a", value={"x": [value]}, by="ana", at=NOW)


async def test_a_backslash_before_a_number_is_no_nul(store: Store) -> None:
    async with store.write() as tx:
        written = await tx.context.put("main", "a", value="\\u0000", by="ana", at=NOW)

        assert await tx.context.get("main", "a") == written


async def test_a_key_that_is_no_text_of_the_database_is_refused(postgres_url: str) -> None:
    async with Store.open(postgres_url) as store:
        with pytest.raises(Unstorable):
            async with store.write() as tx:
                await tx.context.put("main", "a\0", value=1, by="ana", at=NOW)


async def test_a_store_without_tables_says_so(sqlite_url: str) -> None:
    async with Store.open(sqlite_url) as store:
        with pytest.raises(StoreUnavailable, match="not been set up"):
            async with store.read() as tx:
                await tx.instances.get("main", "review:a")


async def test_a_reader_cannot_write(sqlite_url: str) -> None:
    async with Store.open(sqlite_url) as store:
        await store.migrate()
        with pytest.raises(StoreUnavailable, match="read-only"):
            async with store.read() as tx:
                await tx.instances.insert(instance())


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bylaw@127.0.0.1:1/none",
        "postgresql://bylaw@/none?host=/nowhere",
        "sqlite:////proc/none/bylaw.db",
    ],
)
async def test_a_database_that_does_not_answer_is_unavailable(url: str) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        async with Store.open(url) as store:
            await store.ping()

    assert "SELECT" not in str(caught.value)


async def test_a_store_that_was_cut_off_comes_back(postgres_url: str) -> None:
    async with Store.open(postgres_url) as store, Store.open(postgres_url) as other:
        await store.ping()
        await execute(
            other,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        with suppress(StoreUnavailable):
            await store.ping()

        await store.ping()


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database" * 1000)

    with pytest.raises(StoreUnavailable):
        async with Store.open(f"sqlite:///{tmp_path}/notes.txt") as store:
            await store.migrate()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://root:secret@host/name", "begins with `mysql:`"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("secret", "cannot be read"),
    ],
)
async def test_a_url_that_cannot_be_used_says_what_to_write(url: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        async with Store.open(url):
            pass

    assert "secret" not in str(caught.value)


async def test_a_relative_path_is_under_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async with Store.open("sqlite:///.bylaw/store.db") as store:
        await store.migrate()

    assert (tmp_path / ".bylaw" / "store.db").exists()
