"""Over real sockets: REST `enforce` and the MCP tools beside bare servers, a process each."""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import uvloop

from benchmarks import bare, client, door, run
from benchmarks.client import Load
from benchmarks.database import KINDS, Urls, databases
from benchmarks.floor import floor
from benchmarks.form import Form
from benchmarks.record import Transaction
from benchmarks.row import Row, Target, compared, ratio_at_least, ratio_at_most
from tests.scenario.server import Server, served

CROWD = 10
JOB = {"action": "job.run", "params": {"branch": "feature", "amount": 3}}
READ = {
    "get_workflow_state": {"instance": "door:room-0"},
    "get_policy": {"name": "doors"},
    "get_available_actions": {},
    "get_context_data": {},
}
PUSH = {"action": "door.push", "instance": "door:room-0"}
EMPTY = "an empty FastMCP tool"
# Runs over the wire in a round, and transactions beside them.
RUNS = 30


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: where, and what is sent."""

    port: int
    requests: Sequence[bytes]

    def processor_s(self) -> float:
        """Return the processor time that the server has used so far."""
        used = psutil.Process(listener(self.port)).cpu_times()
        return float(used.user + used.system)


def listener(port: int) -> int:
    """Return the process of ours that listens on a port."""
    mine = psutil.Process().children()
    found = (
        child.pid
        for child in mine
        for kept in child.net_connections("tcp")
        if kept.status == psutil.CONN_LISTEN and kept.laddr.port == port
    )
    return next(found)


def rows(form: Form) -> Iterator[Row]:
    """Give the rows of REST and MCP."""
    with tempfile.TemporaryDirectory() as name, floor("rest") as rest, floor("mcp") as mcp:
        folder = Path(name)
        house = door.write_house(folder / "house")
        with served(house, f"sqlite:///{folder}/wire.db") as server:
            started = {"action": "door.start", "params": {"room": "room-0"}}
            assert uvloop.run(once(server.port, client.rest("/action", started)))["ok"]
            yield from rest_rows(server, rest, form)
            yield from mcp_rows(server, mcp, form)
        for kind in KINDS:
            with databases(kind, folder) as urls:
                yield from run_rows(kind, folder, urls, mcp, form)


async def once(port: int, request: bytes) -> dict[str, object]:
    """Return the answer to one request."""
    async with client.connections(port, 1) as (kept,):
        found: dict[str, object] = client.body_of(await kept.ask(request))
        return found


def rest_rows(server: Server, bare_port: int, form: Form) -> Iterator[Row]:
    """Give the rows of `enforce` over REST."""
    request = client.rest("/enforce", JOB)
    assert uvloop.run(once(server.port, request))["allowed"]
    for count in (1, CROWD):
        yield throughput(
            f"REST enforce, {count} connection{'s' if count > 1 else ''}",
            Side(server.port, [request]),
            "a bare Starlette JSON route",
            Side(bare_port, [request]),
            form,
            count=count,
            target=ratio_at_least(0.6),
        )


def mcp_rows(server: Server, empty_port: int, form: Form) -> Iterator[Row]:
    """Give the rows of the read tools and `enforce` over MCP."""
    asked = [("enforce", JOB, 1), ("enforce", JOB, CROWD)]
    asked += [(tool, arguments, 1) for tool, arguments in READ.items()]
    for era in client.ERAS:
        empty = client.mcp("empty", {}, era)
        for tool, arguments, count in asked:
            request = client.mcp(tool, arguments, era)
            answer = uvloop.run(once(server.port, request))
            assert answer["result"]["structuredContent"]["ok"], answer  # type: ignore[index]
            yield throughput(
                f"MCP {tool}, {era}, {count} connection{'s' if count > 1 else ''}",
                Side(server.port, [request]),
                EMPTY,
                Side(empty_port, [empty]),
                form,
                count=count,
                target=ratio_at_least(0.9),
            )


def throughput(
    what: str,
    ours: Side,
    beside: str,
    theirs: Side,
    form: Form,
    *,
    count: int,
    target: Target,
) -> Row:
    """Return the row of calls a second."""
    before = ours.processor_s(), theirs.processor_s()
    pairs = uvloop.run(in_turn(ours, theirs, form, count=count))
    used = ours.processor_s() - before[0], theirs.processor_s() - before[1]
    calls = sum(mine.count for mine, _ in pairs), sum(other.count for _, other in pairs)
    each = [round(spent / number * 1e6) for spent, number in zip(used, calls, strict=True)]
    return compared(
        "wire",
        what,
        note=f"{what}: the server's processor, {each[0]} us a call, beside {each[1]} us.",
        unit="1/s",
        ours=tuple(mine.per_s for mine, _ in pairs[1:]),
        beside=beside,
        theirs=tuple(other.per_s for _, other in pairs[1:]),
        target=target,
    )


async def in_turn(ours: Side, theirs: Side, form: Form, *, count: int) -> list[tuple[Load, Load]]:
    """Load both sides in turn; the first round warms up."""
    async with (
        client.connections(ours.port, count) as mine,
        client.connections(theirs.port, count) as others,
    ):
        return [
            (
                await client.load(mine, ours.requests, form.window_s),
                await client.load(others, theirs.requests, form.window_s),
            )
            for _ in range(form.repeats + 1)
        ]


def run_rows(kind: str, folder: Path, urls: Urls, empty_port: int, form: Form) -> Iterator[Row]:
    """Give the rows of `run_action` over MCP: its time beside empty tool and bare transaction."""
    each = RUNS * (form.repeats + 1) * len(client.ERAS)
    found = asyncio.run(run.record(folder, next(urls), callers=1, each=each, first=each))
    url = next(urls)
    asyncio.run(bare.prepare(url, found.starts))
    with served(door.write_house(folder / "house"), next(urls)) as server:
        started = {"action": "door.start", "params": {"room": "room-0"}}
        assert uvloop.run(once(server.port, client.rest("/action", started)))["ok"]
        steps = iter(found.steps[0])
        for era in client.ERAS:
            ours = Side(server.port, [client.mcp("run_action", PUSH, era)])
            theirs = Side(empty_port, [client.mcp("empty", {}, era)])
            timed = asyncio.run(run_rounds(ours, theirs, url, steps, form))
            yield compared(
                "wire",
                f"MCP run_action, {era}, {kind}, p50",
                ours=tuple(one[0] for one in timed),
                beside=f"{EMPTY} and the bare transaction, p50",
                theirs=tuple(one[1] for one in timed),
                target=ratio_at_most(1.15),
            )


async def run_rounds(
    ours: Side, theirs: Side, url: str, steps: Iterator[Transaction], form: Form
) -> list[tuple[float, float]]:
    """Return the middle times of runs, and the sum of those beside, in turn."""
    async with (
        client.connections(ours.port, 1) as mine,
        client.connections(theirs.port, 1) as others,
        bare.replaying(url) as replay,
    ):
        rounds = []
        for _ in range(form.repeats + 1):
            run_us = (await client.load(mine, ours.requests, form.window_s)).p50_us
            empty_us = (await client.load(others, theirs.requests, form.window_s)).p50_us
            rounds.append((run_us, empty_us + await run.middle_us(replay, steps, RUNS)))
    return rounds[1:]
