"""Connections that are kept at hand: whoever waits gets one, and a bad one goes back."""

import asyncio
from contextlib import suppress

from bylaw.store.store import Store


async def test_more_readers_than_connections_all_get_theirs(store: Store) -> None:
    async def read() -> int:
        async with store.read() as tx:
            await asyncio.sleep(0)
            return len(await tx.instances.open_of("main"))

    assert await asyncio.gather(*(read() for _ in range(40))) == [0] * 40


async def test_who_leaves_while_waiting_takes_no_connection_along(store: Store) -> None:
    async def hold(until: asyncio.Event) -> None:
        async with store.read() as tx:
            await tx.instances.open_of("main")
            await until.wait()

    over = asyncio.Event()
    held = [asyncio.ensure_future(hold(over)) for _ in range(20)]
    await asyncio.sleep(0)
    for task in held[10:]:
        task.cancel()
    over.set()
    await asyncio.wait(held)

    await asyncio.gather(*(store.ping() for _ in range(20)))


async def test_a_reader_that_broke_leaves_a_good_connection(store: Store) -> None:
    for _ in range(20):
        with suppress(LookupError):
            async with store.read() as tx:
                await tx.instances.open_of("main")
                raise LookupError

    async with store.read() as tx:
        assert await tx.instances.open_of("main") == ()
