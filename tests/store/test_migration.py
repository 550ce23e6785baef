from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

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
