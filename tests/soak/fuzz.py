"""Rubbish for long: `make soak PART=fuzz`, for `SOAK_FUZZ_S` seconds (300).

Half of the time atheris looks for bytes that what reads them stumbles over; then, on each store,
schemathesis tries the documented routes of a real server, and a crowd attacks it.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import postgres
from tests.hostile.crowd import ATTACKS, Crowd, attacked, beside, heard, resident_bytes
from tests.hostile.documented import tried
from tests.hostile.leaks import assert_log_is_quiet
from tests.running import copy_of_shipped
from tests.scenario.server import Server, served

TARGETS = ("yaml", "condition", "json", "message", "secret")
STORES = ("sqlite", "postgres")
RUNS = re.compile(r"stat::number_of_executed_units:\s+(\d+)")
TRIED = re.compile(r"(\d+) generated")
MEGABYTE = 1024 * 1024
MOST_GROWTH = 150 * MEGABYTE
FEWEST_S = 5


def main() -> int:
    """Run all parts and print what they did and found; return 0 if nothing was found."""
    seconds = int(os.environ.get("SOAK_FUZZ_S", "300"))
    findings: list[str] = []
    with tempfile.TemporaryDirectory(prefix="bylaw-fuzz-") as name:
        folder = Path(name)
        findings += fed(folder, max(seconds // 2, FEWEST_S))
        for store in STORES:
            findings += attacked_on(store, folder / store, max(seconds // 4, FEWEST_S))
    print("\n".join(findings) or "Nothing broke, nothing leaked, nothing grew.")
    return 1 if findings else 0


def fed(folder: Path, seconds: int) -> list[str]:
    """Feed all targets, two at a time, and return what they stumbled over."""
    each = max(seconds * 2 // (len(TARGETS) + 1), 2)
    findings: list[str] = []
    for pair in zip(TARGETS[::2], (*TARGETS[1::2], ""), strict=True):
        running = [(name, begun(name, each, folder)) for name in pair if name]
        findings += [said for name, process in running for said in ended(name, process, folder)]
    return findings


def begun(name: str, seconds: int, folder: Path) -> subprocess.Popen[str]:
    """Begin to feed one target."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.soak.targets", name, str(seconds), str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(name: str, process: subprocess.Popen[str], folder: Path) -> Iterator[str]:
    """Wait for a target; give what it stumbled over, with the input."""
    printed, _ = process.communicate()
    counted = RUNS.search(printed)
    executions = int(counted[1]) if counted else 0
    kept = sorted(folder.glob(f"{name}-*"))
    print(f"{name:10} {executions:>10,} executions, {len(kept)} findings", flush=True)
    for one in kept:
        yield f"{name}: {one.read_bytes()[:500]!r}\n{printed[-2_000:]}"
    if process.returncode and not kept:
        yield f"{name} ended with {process.returncode}:\n{printed[-2_000:]}"


@contextmanager
def store_of(kind: str, folder: Path) -> Iterator[str]:
    """Give the address of an empty store."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/bylaw.db"
        return
    postgres.prepare()
    try:
        with postgres.database() as url:
            yield url
    finally:
        postgres.clean_up()


def attacked_on(kind: str, folder: Path, seconds: int) -> list[str]:
    """Try and attack a server on one store; return what was found."""
    house = copy_of_shipped(folder / "house")
    with store_of(kind, folder) as url, served(house, url) as server, heard(server) as printed:
        findings = [*documented(server, kind, folder, seconds // 2)]
        findings += crowded(server, kind, seconds // 2)
    try:
        assert_log_is_quiet("".join(printed), house)
    except AssertionError as error:
        findings.append(f"{kind}: the log says too much: {str(error)[:2_000]}")
    return findings


def documented(server: Server, kind: str, folder: Path, seconds: int) -> Iterator[str]:
    """Try every documented route for so long."""
    options = ("--max-examples", "200", "--max-time", str(max(seconds, 1)))
    found = tried(server, *options, folder=folder)
    counted = TRIED.search(found.stdout)
    print(f"{kind:10} {counted[1] if counted else '0':>10} requests by schemathesis", flush=True)
    if found.returncode:
        yield f"{kind}: schemathesis found:\n{found.stdout[-6_000:]}"


def crowded(server: Server, kind: str, seconds: int) -> list[str]:
    """Attack for so long, with slow clients around and one who behaves."""
    calm, crowd = Crowd(), Crowd()
    with beside(server, calm):
        time.sleep(min(3, seconds))
    before, until = resident_bytes(server), time.monotonic() + seconds
    with beside(server, crowd, slow=20):
        while time.monotonic() < until:
            attacked(server, crowd, ATTACKS, times=5)
    growth = crowd.peak_bytes - before
    print(f"{kind:10} {crowd.sent:>10,} attacks; memory +{growth // MEGABYTE} MB at most")
    print(f"{'':10} one who behaves: {waits(calm)} calm, {waits(crowd)} meanwhile", flush=True)
    grown = [f"{kind}: memory grew by {growth:,} bytes"] if growth > MOST_GROWTH else []
    return [*grown, *(f"{kind}: {one}" for one in crowd.wrong[:20])]


def waits(crowd: Crowd) -> str:
    """Say how long one waited for an answer, in the middle and at worst."""
    found = sorted(crowd.waits) or [0.0]
    middle, late = found[len(found) // 2], found[len(found) * 99 // 100]
    return f"p50 {1000 * middle:.1f} ms, p99 {1000 * late:.1f} ms of {len(found):,}"
