"""A process that takes a job and never ends it: `python doomed.py URL`."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bylaw.base.plain import Record
from bylaw.store.store import Store
from tests.adapters.workers import jobs_of


async def hang(_payload: Record, _attempts: int) -> None:
    """Say that the job is running, and stay in it."""
    sys.stdout.write("taken\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def main(url: str) -> None:
    """Work on the jobs of a store until killed."""
    async with Store.open(url) as store:
        jobs = jobs_of(store)
        jobs.register("call", hang)
        await jobs.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
