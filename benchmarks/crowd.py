"""Two processes of 16 callers each on one Postgres: runs a second beside bare transactions.

Each process waits for a line, lets all its callers take their runs, and says that it is done.
"""

import asyncio
import pickle
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path

from benchmarks import bare, door
from benchmarks.form import Form
from benchmarks.record import Transaction
from benchmarks.row import Row, compared, ratio_at_least

PROCESSES = 2
CALLERS = 16
# Runs of each caller in a round.
EACH = 12
Take = Callable[[int], Awaitable[None]]


def rounds_of(form: Form) -> int:
    """Return how many rounds there are; the first warms up."""
    return 1 + max(3, form.repeats // 2)


def row(ours_url: str, bare_url: str, folder: Path, steps: list[list[Transaction]]) -> Row:
    """Return the row; both databases have the instances that the steps begin from."""
    rounds = len(steps[0]) // EACH
    with ExitStack() as stack:
        ours = stack.enter_context(workers("ours", ours_url, folder, steps))
        theirs = stack.enter_context(workers("bare", bare_url, folder, steps))
        found = [(throughput(ours), throughput(theirs)) for _ in range(rounds)]
    return compared(
        "run_action",
        f"Postgres, {PROCESSES} processes of {CALLERS} callers",
        unit="1/s",
        ours=tuple(mine for mine, _ in found[1:]),
        beside="the same statements, bare",
        theirs=tuple(other for _, other in found[1:]),
        target=ratio_at_least(0.7),
    )


def throughput(processes: list[subprocess.Popen[str]]) -> float:
    """Have all processes take a round, and return the runs a second."""
    begin = time.perf_counter()
    for process in processes:
        tell(process)
    for process in processes:
        hear(process)
    return len(processes) * CALLERS * EACH / (time.perf_counter() - begin)


@contextmanager
def workers(
    what: str, url: str, folder: Path, steps: list[list[Transaction]]
) -> Iterator[list[subprocess.Popen[str]]]:
    """Start the processes, and end them whatever happens."""
    started = []
    try:
        for number in range(PROCESSES):
            mine = folder / f"{what}-{number}.pickle"
            mine.write_bytes(pickle.dumps(steps[number * CALLERS : (number + 1) * CALLERS]))
            started.append(worker(what, url, mine, number))
        for process in started:
            hear(process)
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def worker(what: str, url: str, steps: Path, number: int) -> subprocess.Popen[str]:
    """Start one process."""
    return subprocess.Popen(  # noqa: S603 - this very module
        [sys.executable, "-m", "benchmarks.crowd", what, url, str(steps), str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def tell(process: subprocess.Popen[str]) -> None:
    """Have a process take a round."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str]) -> None:
    """Wait until a process is ready, or done."""
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


async def main(what: str, url: str, steps: Path, number: int) -> None:
    """Be one of the processes."""
    async with AsyncExitStack() as stack:
        take = await taking(stack, what, url, steps, first=number * CALLERS)
        while True:
            print("ready", flush=True)
            if not await asyncio.to_thread(sys.stdin.readline):
                return
            await asyncio.gather(*(each(take, caller) for caller in range(CALLERS)))


async def each(take: Take, caller: int) -> None:
    """Take the runs of one caller."""
    for _ in range(EACH):
        await take(caller)


async def taking(stack: AsyncExitStack, what: str, url: str, steps: Path, *, first: int) -> Take:
    """Return how one of the callers takes a run."""
    if what == "ours":
        house = steps.parent / f"house-{first}"
        gateway = await stack.enter_async_context(door.gateway(house, url))
        return lambda caller: door.push(gateway, first + caller)
    left = remaining(steps)
    replay = await stack.enter_async_context(bare.replaying(url))
    return lambda caller: replay(next(left[caller]))


def remaining(steps: Path) -> list[Iterator[Transaction]]:
    """Return the transactions of each caller."""
    return list(map(iter, pickle.loads(steps.read_bytes())))  # noqa: S301 - our own file


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])))
