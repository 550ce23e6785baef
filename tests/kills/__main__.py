"""One lane of kills in this process: `python -m tests.kills sqlite 100 --seed 7`."""

import argparse
import asyncio
import json
import sys

from tests.kills.lane import run

LANES = ("sqlite", "two", "postgres", "database")


def main() -> int:
    """Run a lane and print its report as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("lane", choices=LANES)
    parser.add_argument("kills", type=int)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    report = asyncio.run(run(chosen.lane, chosen.seed, chosen.kills))
    sys.stdout.write(f"{json.dumps(report)}\n")
    return 1 if report["findings"] else 0


if __name__ == "__main__":
    sys.exit(main())
