"""Which version the tables have, asked at every start, and bringing them to this one."""

from sqlalchemy import text

from bylaw.store.connection import Connection

HEAD = "0002"
OLDER = frozenset({"0001"})
IS_THERE = {
    "sqlite": text("SELECT 1 FROM sqlite_master WHERE name = 'bylaw_version'"),
    "postgresql": text("SELECT 1 WHERE to_regclass('bylaw_version') IS NOT NULL"),
}
REVISION = text("SELECT version_num FROM bylaw_version")
# Held until the transaction ends; SQLite's write transaction needs none.
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7305804402566525)")


async def revision(connection: Connection) -> str | None:
    """Return the revision of the tables, or nothing where there are none."""
    there = await connection.execute(IS_THERE[connection.dialect.name])
    if there.first() is None:
        return None
    return (await connection.execute(REVISION)).scalar()


async def migrate(connection: Connection) -> None:
    """Upgrade the tables to `HEAD`; others that try at the same time wait.

    Raises:
        ConfigurationError: the tables are of a newer Bylaw.
    """
    from bylaw.store.upgrade import upgrade  # noqa: PLC0415 - a usual start needs no Alembic

    if connection.dialect.name == "postgresql":
        await connection.execute(ONE_AT_A_TIME)
    await connection.run_sync(upgrade)
