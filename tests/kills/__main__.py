"""One lane of kills in this process: `python -m tests.kills sqlite 100 --seed 7`."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Coroutine
from dataclasses import asdict
from typing import Any

from tests.kills.lane import LANES, Report, run


async def until_told(lane: Coroutine[Any, Any, Report]) -> Report:
    """Run a lane; told to end, it ends what it has started."""
    task = asyncio.ensure_future(lane)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


def main() -> int:
    """Run a lane and print its report as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("lane", choices=LANES)
    parser.add_argument("kills", type=int)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    report = asyncio.run(until_told(run(chosen.lane, chosen.seed, chosen.kills)))
    sys.stdout.write(f"{json.dumps(asdict(report))}\n")
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
