"""`run_action` in process on SQLite, beside the same statements as bare SQL."""

import tempfile
from pathlib import Path

from benchmarks.house import ORIGIN, SERVER
from benchmarks.timing import Row, median_async_us
from bylaw.app import clock
from bylaw.app.lifespan import first_load, opened
from bylaw.background.reload import Loader
from bylaw.model.actor import Actor
from bylaw.services.caller import Caller
from bylaw.store.backend import Backend
from bylaw.store.store import Store, backend_of
from bylaw.store.url import store_url

HOUSE = (
    SERVER
    + """---
kind: access
name: all
description: Everything.
allow: ["*"]
---
kind: workflow
key: only
name: door
description: Open and shut.
initial: shut
states:
  shut: {actions: {push: {to: ajar}}}
  ajar: {actions: {push: {to: shut}}}
"""
)
CALLER = Caller(
    actor=Actor(id="dev", roles=("dev",)), scope="main", endpoint="bench", correlation_id="req_b"
)
NUMBER = 60
PUSH = {"action": "door.push", "instance": "door:only"}


async def rows() -> list[Row]:
    """Return the row of `run_action`."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bylaw.yaml").write_text(HOUSE)
        ours = await ours_us(Path(folder))
        theirs = await bare_us(f"sqlite:///{folder}/bare.db")
    return [
        Row(
            what="run_action, SQLite",
            ours_us=ours,
            beside="the same statements, bare",
            theirs_us=theirs,
        )
    ]


async def ours_us(folder: Path) -> float:
    """Return the time of one action with state, history and audit."""
    loader = Loader(folder, ORIGIN.environ, clock.now)
    async with opened(loader, first_load(loader), store_url=f"sqlite:///{folder}/b.db") as found:
        gateway = found.wired.gateway
        started = await gateway.call("run_action", {"action": "door.start"}, CALLER)
        assert started["ok"], started

        async def push(_turn: int) -> None:
            pushed = await gateway.call("run_action", PUSH, CALLER)
            assert pushed["ok"], pushed

        return await median_async_us(push, number=NUMBER)


async def bare_us(url: str) -> float:
    """Return the time of the same statements as bare SQL, through the same engine."""
    async with Store.open(url) as store:
        await store.migrate()
        backend = backend_of(store_url(url))
        try:
            async with backend.write() as connection:
                await connection.exec_driver_sql(
                    "CREATE TABLE bare (id INTEGER PRIMARY KEY, version INTEGER, body TEXT)"
                )
                await connection.exec_driver_sql("INSERT INTO bare VALUES (1, 1, 'x')")
            return await median_async_us(lambda turn: once(backend, turn), number=NUMBER)
        finally:
            await backend.close()


async def once(backend: Backend, turn: int) -> None:
    """Read a row, update it, insert two, commit."""
    async with backend.write() as connection:
        (await connection.exec_driver_sql("SELECT * FROM bare WHERE id = 1")).first()
        await connection.exec_driver_sql("UPDATE bare SET version = version + 1 WHERE id = 1")
        for number in (2 * turn + 2, 2 * turn + 3):
            row = (number, 1, "history")
            await connection.exec_driver_sql("INSERT INTO bare VALUES (?, ?, ?)", row)
