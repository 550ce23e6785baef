"""Timing: batches of all that is compared, in turn, so that a drift of the machine cancels.

The garbage collector is left as it is: what a program allocates it has to collect. Calls that
wait for nothing are timed by the processor's clock, so that other programs do not count; calls
that wait by the wall's.
"""

import itertools
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from benchmarks.form import Form

Name = TypeVar("Name")
# Microseconds for one call, one figure for each repeat.
Samples = tuple[float, ...]
Call = Callable[[], object]
AsyncCall = Callable[[], Awaitable[object]]


def in_turn(calls: Mapping[str, Call], form: Form) -> dict[str, Samples]:
    """Return the time of each call, measured in turn."""
    batches = {name: _batch(call, form.batch_s) for name, call in calls.items()}
    rounds = [
        {name: _run_us(call, batches[name]) for name, call in calls.items()}
        for _ in range(form.repeats)
    ]
    return {name: tuple(one[name] for one in rounds) for name in calls}


def over(function: Callable[[Name], object], arguments: Sequence[Name]) -> Call:
    """Return a call that takes the next of the arguments each time, round and round."""
    following = itertools.cycle(arguments).__next__
    return lambda: function(following())


def _batch(call: Call, batch_s: float) -> int:
    """Warm up, and return how many calls fill a batch."""
    begin = time.process_time()
    count = 0
    while (passed := time.process_time() - begin) < batch_s:
        call()
        count += 1
    return max(1, round(count * batch_s / passed))


def _run_us(call: Call, count: int) -> float:
    """Time a batch, after some calls that bring what is needed near again."""
    for _ in itertools.repeat(None, count // 4):
        call()
    begin = time.process_time()
    for _ in itertools.repeat(None, count):
        call()
    return (time.process_time() - begin) / count * 1e6


async def in_turn_async(
    calls: Mapping[str, AsyncCall], form: Form, *, count: int
) -> dict[str, Samples]:
    """Return the time of each awaited call, measured in turn; a batch has `count` calls."""
    for call in calls.values():
        await call()
    rounds = [
        {name: await _run_async_us(call, count) for name, call in calls.items()}
        for _ in range(form.repeats)
    ]
    return {name: tuple(one[name] for one in rounds) for name in calls}


async def _run_async_us(call: AsyncCall, count: int) -> float:
    begin = time.perf_counter()
    for _ in range(count):
        await call()
    return (time.perf_counter() - begin) / count * 1e6
