"""Hundreds of kills on each store: `make soak PART=kills`, sized by `SOAK_KILLS` and `SOAK_SEED`.

The lanes of SQLite and those of Postgres run beside each other, each in a process of its own.
"""

import asyncio
import json
import os
import secrets
import sys
from typing import Any

Report = dict[str, Any]

# What part of the kills each lane has; the lanes of one store follow each other.
STORES = ({"sqlite": 0.3, "two": 0.2}, {"postgres": 0.3, "database": 0.2})
SAID = {
    "sqlite": "SQLite, server killed",
    "two": "SQLite, one of two servers on a file",
    "postgres": "Postgres, server killed",
    "database": "Postgres, database killed",
}
COLUMNS = {
    "kills": "kills",
    "sent": "actions",
    "acknowledged": "acknowledged",
    "unanswered": "no answer",
    "unanswered_done": "  yet done",
    "refused_done": "  said down",
    "lost": "lost",
    "half": "half",
    "twice": "twice",
    "told": "told wrong",
    "wrong": "mistakes",
    "repeated": "keys repeated",
    "effects": "effects",
    "effects_twice": "sent again",
    "timers": "timers",
    "audited": "audit sealed",
    "seconds": "seconds",
}


def main() -> int:
    """Run all lanes, print what they did and found; return 0 if nothing was found."""
    kills = int(os.environ.get("SOAK_KILLS", "500"))
    seed = int(os.environ.get("SOAK_SEED", secrets.randbelow(1_000_000)))
    print(f"{kills} kills, seed {seed} (SOAK_SEED repeats what is asked for)", flush=True)
    reports = asyncio.run(lanes(kills, seed))
    print(table(reports))
    findings = [finding for report in reports for finding in report["findings"]]
    print("\n".join(findings) or "Every acknowledged action is there once; none is half there.")
    return 1 if findings else 0


async def lanes(kills: int, seed: int) -> list[Report]:
    """Run the lanes of both stores at the same time."""
    found = await asyncio.gather(*(in_turn(store, kills, seed) for store in STORES))
    return [report for reports in found for report in reports]


async def in_turn(shares: dict[str, float], kills: int, seed: int) -> list[Report]:
    """Run the lanes of one store."""
    return [await lane(name, round(kills * share), seed) for name, share in shares.items()]


async def lane(name: str, kills: int, seed: int) -> Report:
    """Run one lane in a process, and return its report."""
    command = (sys.executable, "-m", "tests.kills", name, str(kills), "--seed", str(seed))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        printed, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()
    report: Report = {"lane": name, "findings": [f"the lane `{name}` ended without a report"]}
    if printed.strip():
        report = json.loads(printed)
    for kind in ("lost", "half", "twice", "told", "wrong"):
        report[kind] = sum(one.startswith(f"{kind}:") for one in report["findings"])
    print(f"  {SAID[name]}: {report.get('kills', 0)} kills, {len(report['findings'])} findings")
    return report


def table(reports: list[Report]) -> str:
    """Return the reports side by side, with their sum."""
    named = {SAID[report["lane"]]: report for report in reports}
    width = max(map(len, COLUMNS.values())) + 1
    lines = [f"{label:<{width}}" + cells(reports, name) for name, label in COLUMNS.items()]
    heads = "\n".join(f"  {number}: {name}" for number, name in enumerate(named, 1))
    numbers = "".join(f"{number:>10}" for number in range(1, len(named) + 1))
    return "\n".join((heads, f"{'':<{width}}{numbers}{'all':>10}", *lines))


def cells(reports: list[Report], name: str) -> str:
    """Return one row of the table."""
    values = [report.get(name, 0) for report in reports]
    return "".join(f"{value:>10,}" for value in (*values, round(sum(values), 1)))


if __name__ == "__main__":
    sys.exit(main())
