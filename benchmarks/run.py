"""`run_action` in process on SQLite, beside a bare transaction that reads, updates and inserts."""

import sqlite3
import tempfile
from pathlib import Path

from benchmarks.house import ORIGIN, SERVER
from benchmarks.timing import Row, median_async_us, median_us
from bylaw.app import clock
from bylaw.app.lifespan import first_load, opened
from bylaw.background.reload import Loader
from bylaw.model.actor import Actor
from bylaw.services.caller import Caller

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


async def rows() -> list[Row]:
    """Return the row of `run_action`."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bylaw.yaml").write_text(HOUSE)
        ours = await ours_us(Path(folder))
        theirs = bare_us(Path(folder) / "bare.db")
    return [
        Row(what="run_action, SQLite", ours_us=ours, beside="bare transaction", theirs_us=theirs)
    ]


async def ours_us(folder: Path) -> float:
    """Return the time of one action with state, history and audit."""
    loader = Loader(folder, ORIGIN.environ, clock.now)
    async with opened(loader, first_load(loader), store_url=f"sqlite:///{folder}/b.db") as found:
        gateway = found.wired.gateway
        started = await gateway.call("run_action", {"action": "door.start"}, CALLER)
        assert started["ok"], started

        async def push(_turn: int) -> None:
            pushed = await gateway.call("run_action", {"action": "door.push"}, CALLER)
            assert pushed["ok"], pushed

        return await median_async_us(push, number=NUMBER)


def bare_us(file: Path) -> float:
    """Return the time of the least transaction: read, update, two inserts, commit with fsync."""
    connection = sqlite3.connect(file, isolation_level=None)
    for statement in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "CREATE TABLE instance (id TEXT PRIMARY KEY, state TEXT, version INTEGER)",
        "CREATE TABLE history (id INTEGER PRIMARY KEY, body TEXT)",
        "INSERT INTO instance VALUES ('x', 'shut', 1)",
    ):
        connection.execute(statement)

    def once() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("SELECT * FROM instance WHERE id = 'x'").fetchone()
        connection.execute("UPDATE instance SET version = version + 1 WHERE id = 'x'")
        connection.execute("INSERT INTO history (body) VALUES ('history')")
        connection.execute("INSERT INTO history (body) VALUES ('audit')")
        connection.execute("COMMIT")

    try:
        return median_us(once, number=NUMBER)
    finally:
        connection.close()
