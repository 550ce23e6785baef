"""A back door for tests that change what the store would not."""

from bylaw.store.store import Store


async def execute(store: Store, statement: str) -> None:
    """Run a statement as somebody would who has the database."""
    async with store._backend.write() as connection:
        await connection.exec_driver_sql(statement)


async def scalar(store: Store, query: str) -> object:
    """Return the one value of a query."""
    async with store._backend.read() as connection:
        return (await connection.exec_driver_sql(query)).scalar()
