from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bylaw.base.errors import ConfigurationError
from bylaw.store.migration import HEAD
from bylaw.store.store import Store
from bylaw.store.table import metadata
from bylaw.store.upgrade import alembic_config


def differences(connection: Connection) -> list[object]:
    """Return what stands between the tables of the database and those of the code."""
    only_ours = {
        "include_name": lambda name, kind, _parents: kind != "table" or name in metadata.tables,
        "include_object": lambda _thing, name, kind, _there, _twin: (
            connection.dialect.name == "sqlite" or (kind, name) != ("table", "job")
        ),
        "compare_server_default": True,
    }
    context = MigrationContext.configure(connection, opts=only_ours)
    return list(compare_metadata(context, metadata))


async def test_the_migrations_make_the_tables_of_the_code(store: Store) -> None:
    async with store._backend.write() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_last_migration_is_the_head(store: Store) -> None:
    async with store._backend.write() as connection:
        heads = await connection.run_sync(
            lambda sync: ScriptDirectory.from_config(alembic_config(sync)).get_heads()
        )

    assert heads == [HEAD]


SET_BACK = [
    "DROP TABLE pin",
    "DROP TABLE source",
    "ALTER TABLE snapshot DROP COLUMN files",
    "UPDATE bylaw_version SET version_num = '0001'",
]
OLD_SNAPSHOT = (
    "INSERT INTO snapshot (scope, digest, documents, git_commit, at)"
    """ VALUES ('main', 's1', '{"policy/freeze":"d1"}', NULL, '2026-03-01 12:00:00.000000')"""
)


async def set_back(store: Store) -> None:
    """Make of a store what the first version left, with a snapshot in it."""
    async with store._backend.write() as connection:
        for statement in (*SET_BACK, OLD_SNAPSHOT):
            await connection.execute(text(statement))


async def test_store_of_the_first_version_is_upgraded_and_keeps_its_snapshots(
    store: Store,
) -> None:
    await set_back(store)

    await store.migrate()

    async with store.read() as tx:
        (kept,) = await tx.snapshots.newest("main", 10)
        assert await tx.pins.get("main") is None
    assert (kept.digest, kept.files) == ("s1", None)
    assert kept.at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    async with store._backend.write() as connection:
        assert await connection.run_sync(differences) == []


async def test_first_version_then_second_make_what_a_new_store_has(sqlite_url: str) -> None:
    async with Store.open(sqlite_url) as store:
        async with store._backend.write() as connection:
            await connection.run_sync(
                lambda sync: command.upgrade(alembic_config(sync), "0001"),
            )
        await store.migrate()

        async with store._backend.write() as connection:
            assert await connection.run_sync(differences) == []


async def test_who_must_not_upgrade_is_told_what_to_do(store: Store) -> None:
    await store.require_current()
    await set_back(store)

    with pytest.raises(ConfigurationError, match="of an older Bylaw; `bylaw serve`"):
        await store.require_current()
    async with store._backend.write() as connection:
        await connection.execute(text("UPDATE bylaw_version SET version_num = '9'"))
    with pytest.raises(ConfigurationError, match="newer Bylaw"):
        await store.require_current()


async def test_store_that_was_never_set_up_is_said(sqlite_url: str) -> None:
    async with Store.open(sqlite_url) as store:
        with pytest.raises(ConfigurationError, match="no store yet"):
            await store.require_current()
