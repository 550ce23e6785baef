"""Timing: medians of repeated runs, and rows that put two figures side by side."""

import gc
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

REPEATS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure in µs beside the one it is held against."""

    what: str
    ours_us: float
    beside: str
    theirs_us: float

    def __str__(self) -> str:
        """Return the row of the table."""
        ours = f"{self.what:<44}{self.ours_us:>12.2f}"
        theirs = f"{self.beside:<34}{self.theirs_us:>12.2f}"
        return f"{ours}  {theirs}{self.ours_us / self.theirs_us:>9.3f}"


HEADER = f"{'what':<44}{'ours, us':>12}  {'beside':<34}{'theirs, us':>12}{'ratio':>9}"


def median_us(call: Callable[[], object], *, number: int) -> float:
    """Return the median time of one call over repeated runs of `number` calls, in µs."""
    call()
    gc.collect()
    gc.disable()
    try:
        return statistics.median(_run_us(call, number) for _ in range(REPEATS))
    finally:
        gc.enable()


def _run_us(call: Callable[[], object], number: int) -> float:
    begin = time.perf_counter()
    for _ in range(number):
        call()
    return (time.perf_counter() - begin) / number * 1e6


async def median_async_us(call: Callable[[int], Awaitable[object]], *, number: int) -> float:
    """Return the median time of one awaited call, in µs; `call` is given a running number."""
    runs = []
    for repeat in range(REPEATS):
        begin = time.perf_counter()
        for turn in range(number):
            await call(repeat * number + turn)
        runs.append((time.perf_counter() - begin) / number * 1e6)
    return statistics.median(runs)
