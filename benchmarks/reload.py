"""One saved file among 1,000: until it is live in a running Bylaw, and beside a full load."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.door import quiet
from benchmarks.form import Form
from benchmarks.house import ACCESS, ORIGIN, SERVER, job_text
from benchmarks.policy import Job, jobs
from benchmarks.row import Row, at_most, compared
from bylaw.app import clock
from bylaw.app.lifespan import opened
from bylaw.background.reload import Loader
from bylaw.services.snapshots import Snapshots

FILES = 1000
SAVED = 7
LIVE_WITHIN_S = 10.0


def rows(form: Form) -> Iterator[Row]:
    """Give the rows of a save."""
    with tempfile.TemporaryDirectory() as folder:
        house = written(Path(folder))
        loads = max(3, form.repeats // 4)
        full = tuple(full_load_ms(house) for _ in range(loads))
        live = asyncio.run(until_live_ms(house, max(5, form.repeats // 2)))
    yield compared(
        "reload",
        f"one saved file of {FILES:,}, until it is live",
        unit="ms",
        ours=live,
        beside="a full load",
        theirs=full,
        target=at_most(150, "ms"),
        note="The time until a save is live has the 50 ms in which further saves are awaited.",
    )


def written(house: Path) -> Path:
    """Write a house of 1,000 files, an action and a policy in each."""
    (house / "rules").mkdir()
    (house / "bylaw.yaml").write_text(SERVER + ACCESS)
    for job in jobs(2 * FILES):
        path_of(house, job).write_text(job_text(job))
    return house


def path_of(house: Path, job: Job) -> Path:
    """Return the file of an action."""
    return house / "rules" / f"{job.name}.yaml"


def full_load_ms(house: Path) -> float:
    """Return how long all files take, from nothing to a snapshot."""
    begin = time.perf_counter()
    assert Loader(house, ORIGIN.environ, clock.now).load().snapshot is not None
    return (time.perf_counter() - begin) * 1e3


async def until_live_ms(house: Path, saves: int) -> tuple[float, ...]:
    """Save a file again and again, and return how long each save took to be live."""
    quiet()
    loader = Loader(house, ORIGIN.environ, clock.now)
    store = f"sqlite:///{house}/.bylaw/b.db"
    async with opened(loader, loader.load(), store_url=store) as found:
        snapshots = found.wired.house.snapshots
        # The watch is up as soon as a first save has been noticed.
        await saved_ms(house, snapshots, 0)
        return tuple([await saved_ms(house, snapshots, number) for number in range(1, saves + 1)])


async def saved_ms(house: Path, snapshots: Snapshots, number: int) -> float:
    """Save a file, and return how long it took until it was live."""
    job = jobs(2 * FILES)[SAVED]
    begin = time.perf_counter()
    path_of(house, job).write_text(job_text(job, f"Job {number}."))
    while snapshots.live.actions[job.name].description != f"Job {number}.":
        assert time.perf_counter() - begin < LIVE_WITHIN_S
        await asyncio.sleep(0.001)
    return (time.perf_counter() - begin) * 1e3
