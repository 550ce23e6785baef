"""Memory: of rules in the snapshot, and of instances in the store, which must cost none.

Two servers run side by side, one with 100 instances in its store and one with 100,000; the time
of a call must be the same.
"""

import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import uvloop

from benchmarks import client, door
from benchmarks.form import Form
from benchmarks.house import snapshot_of, text
from benchmarks.policy import jobs
from benchmarks.row import Row, compared, ratio_at_most
from benchmarks.wire import Side, in_turn, once
from bylaw.store.table import instance
from tests.scenario.server import Server, served

RULES = (10, 10_000)
FEW = 100
# As many as there are are called, in turn, so that no page of the store stays near.
STRIDE = 7919
CALLED = 200
FLAT = ratio_at_most(1.25)


def rows(form: Form) -> Iterator[Row]:
    """Give the rows of rules and of instances."""
    few, many = (resident_of(count) for count in RULES)
    each = (many - few) / (RULES[1] - RULES[0])
    yield compared("memory", f"{RULES[1]:,} rules, for each", unit="bytes", ours=(each,))
    yield from instance_rows(form)


def resident_of(rules: int) -> int:
    """Return the memory of a process that has loaded so many rules."""
    command = [sys.executable, "-m", "benchmarks.memory", str(rules)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return int(done.stdout)


def instance_rows(form: Form) -> Iterator[Row]:
    """Give the rows of a server with many instances beside one with few."""
    with tempfile.TemporaryDirectory() as name:
        house = door.write_house(Path(name) / "house")
        stores = [filled(house, Path(name), count) for count in (FEW, form.instances)]
        with served(house, stores[0]) as few, served(house, stores[1]) as many:
            yield from time_rows(few, many, form)
            yield compared(
                "memory",
                f"the server with {form.instances:,} instances",
                unit="bytes",
                ours=(resident(many),),
                beside=f"the server with {FEW} instances",
                theirs=(resident(few),),
                target=FLAT,
            )


def time_rows(few: Server, many: Server, form: Form) -> Iterator[Row]:
    """Give the rows of calls, over REST."""
    paths = {"run_action": "/action", "enforce": "/enforce"}
    for tool, path in paths.items():
        sides = [
            Side(server.port, [client.rest(path, push_of(room)) for room in rooms(count)])
            for server, count in ((many, form.instances), (few, FEW))
        ]
        pairs = uvloop.run(in_turn(*sides, form, count=1))[1:]
        yield compared(
            "memory",
            f"{tool} with {form.instances:,} instances, p50",
            ours=tuple(mine.p50_us for mine, _ in pairs),
            beside=f"with {FEW} instances, p50",
            theirs=tuple(other.p50_us for _, other in pairs),
            target=FLAT,
        )


def rooms(count: int) -> list[int]:
    """Return which instances are called."""
    return [number * STRIDE % count for number in range(CALLED)]


def push_of(room: int) -> dict[str, object]:
    """Return a step of an instance."""
    return {"action": "door.push", "instance": f"door:room-{room}"}


def filled(house: Path, folder: Path, count: int) -> str:
    """Return a store with so many instances: one that was started, and copies of it."""
    path = folder / f"{count}.db"
    url = f"sqlite:///{path}"
    started = {"action": "door.start", "params": {"room": "room-0"}}
    with served(house, url) as server:
        assert uvloop.run(once(server.port, client.rest("/action", started)))["ok"]
        server.stop()
    with sqlite3.connect(path) as database:
        database.execute(copies(), (count - 1,))
    database.close()
    return url


def copies() -> str:
    """Return the statement that copies the one instance under other keys."""
    other = {"id": "'door:room-' || n", "key": "'room-' || n"}
    columns = [column.name for column in instance.columns]
    values = ", ".join(other.get(name, f'"{name}"') for name in columns)
    into = ", ".join(f'"{name}"' for name in columns)
    return (
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?) "  # noqa: S608
        f"INSERT INTO instance ({into}) SELECT {values} FROM instance, numbers"
    )


def resident(server: Server) -> float:
    """Return the memory of a server."""
    assert server.process is not None
    return float(psutil.Process(server.process.pid).memory_info().rss)


if __name__ == "__main__":
    snapshot = snapshot_of(text(jobs(int(sys.argv[1]))))
    print(psutil.Process().memory_info().rss)
