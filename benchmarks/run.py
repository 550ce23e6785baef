"""`run_action` in process beside bare transactions, on both databases, alone and in a crowd."""

import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import bare, crowd, door
from benchmarks.bare import Replay
from benchmarks.database import KINDS, Urls, databases
from benchmarks.form import Form
from benchmarks.record import Transaction, recorded
from benchmarks.row import Row, Target, compared, ratio_at_most
from benchmarks.timing import Samples

# Runs of one round: of one caller, and of each of many.
ALONE = 40
CALLERS = 32
EACH = 2
SAME = "the same statements, bare"
LEAST = "the least: read, update, insert"
DRIVER = "the same statements, on the driver alone"
LIMITS: dict[str, Target | None] = {
    SAME: ratio_at_most(1.5),
    LEAST: ratio_at_most(2.0),
    DRIVER: None,
}
# Takes the next run of a caller.
Take = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The transactions of runs: how instances began, and the steps of each caller."""

    starts: list[Transaction]
    steps: list[list[Transaction]]


def rows(form: Form) -> Iterator[Row]:
    """Give the rows of both databases."""
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder, databases(kind, Path(folder)) as urls:
            yield from asyncio.run(_rows(kind, Path(folder), urls, form))
            if kind == "Postgres":
                yield _of_processes(Path(folder), urls, form)


def _of_processes(folder: Path, urls: Urls, form: Form) -> Row:
    ours, theirs, recording = next(urls), next(urls), next(urls)
    each = crowd.EACH * crowd.rounds_of(form)
    callers = crowd.PROCESSES * crowd.CALLERS

    async def prepare() -> Recorded:
        found = await record(folder, recording, callers=callers, each=each, first=each)
        async with door.gateway(folder / "house", ours) as gateway:
            for caller in range(callers):
                await door.begin(gateway, caller)
        await bare.prepare(theirs, found.starts)
        return found

    return crowd.row(ours, theirs, folder, asyncio.run(prepare()).steps)


async def _rows(kind: str, folder: Path, urls: Urls, form: Form) -> list[Row]:
    many = EACH * (form.repeats + 1)
    alone = ALONE * (form.repeats + 1)
    found = await record(folder, next(urls), callers=CALLERS, each=many, first=many + alone)
    async with takers(folder, urls, found) as takes:
        rows = [*_compared(f"{kind}, 1 caller", await _alone(takes, form))]
        rows += _compared(f"{kind}, {CALLERS} callers", await _crowd(takes, form))
    return rows


def _compared(what: str, found: dict[str, Samples]) -> Iterator[Row]:
    for beside, target in LIMITS.items():
        yield compared(
            "run_action",
            what,
            ours=found["ours"],
            beside=beside,
            theirs=found[beside],
            target=target,
        )


async def record(folder: Path, url: str, *, callers: int, each: int, first: int) -> Recorded:
    """Run steps and return their transactions; the first caller takes more of them."""
    with recorded() as recorder:
        async with door.gateway(folder / "house", url) as gateway:
            for caller in range(callers):
                await door.begin(gateway, caller)
            await asyncio.sleep(0)
            starts = recorder.taken()
            steps = []
            for caller in range(callers):
                for _ in range(first if caller == 0 else each):
                    await door.push(gateway, caller)
                await asyncio.sleep(0)
                steps.append(recorder.taken())
    assert len(starts) == callers
    assert [len(one) for one in steps] == [first, *[each] * (callers - 1)]
    texts = {tuple(one.text for one in step) for taken in steps for step in taken}
    assert len(texts) == 1, "a step is not told from what happens beside it"
    return Recorded(starts=starts, steps=steps)


@asynccontextmanager
async def takers(folder: Path, urls: Urls, found: Recorded) -> AsyncIterator[dict[str, Take]]:
    """Give ways to take a run: ours, the same statements, and the least of them."""
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(door.gateway(folder / "house", next(urls)))
        for caller in range(len(found.steps)):
            await door.begin(gateway, caller)
        takes: dict[str, Take] = {"ours": lambda caller: door.push(gateway, caller)}
        ways = {
            SAME: (bare.replaying, tuple),
            LEAST: (bare.replaying, bare.least),
            DRIVER: (bare.on_driver, tuple),
        }
        for name, (way, part) in ways.items():
            takes[name] = await replaying(stack, way, next(urls), found, part)
        yield takes


async def replaying(
    stack: AsyncExitStack,
    way: Callable[[str], AbstractAsyncContextManager[Replay]],
    url: str,
    found: Recorded,
    part: Callable[[Transaction], Transaction],
) -> Take:
    """Return how to replay the next transaction of a caller, or a part of it, in some way."""
    await bare.prepare(url, found.starts)
    replay = await stack.enter_async_context(way(url))
    left = [iter([part(one) for one in steps]) for steps in found.steps]
    return lambda caller: replay(next(left[caller]))


async def middle_us(replay: Replay, steps: Iterator[Transaction], count: int) -> float:
    """Return the time of the middle one of some bare transactions."""
    taken = []
    for step in itertools.islice(steps, count):
        begin = time.perf_counter()
        await replay(step)
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken) * 1e6


async def _alone(takes: dict[str, Take], form: Form) -> dict[str, Samples]:
    async def one(take: Take) -> float:
        begin = time.perf_counter()
        for _ in range(ALONE):
            await take(0)
        return (time.perf_counter() - begin) / ALONE * 1e6

    return await _rounds(takes, form, one)


async def _crowd(takes: dict[str, Take], form: Form) -> dict[str, Samples]:
    async def each(take: Take, caller: int) -> None:
        for _ in range(EACH):
            await take(caller)

    async def all_of(take: Take) -> float:
        begin = time.perf_counter()
        await asyncio.gather(*(each(take, caller) for caller in range(CALLERS)))
        return (time.perf_counter() - begin) / (CALLERS * EACH) * 1e6

    return await _rounds(takes, form, all_of)


async def _rounds(
    takes: dict[str, Take], form: Form, timed: Callable[[Take], Awaitable[float]]
) -> dict[str, Samples]:
    """Time all in turn; the first round warms up."""
    rounds = [
        {name: await timed(take) for name, take in takes.items()} for _ in range(form.repeats + 1)
    ]
    return {name: tuple(one[name] for one in rounds[1:]) for name in takes}
