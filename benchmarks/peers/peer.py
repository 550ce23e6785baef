"""What an adapter gives: a policy is loaded once, then asked."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.policy import Job, Request, Verdict

Decide = Callable[[Request], Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One engine, used one way.

    `load` makes whatever the engine can make once, and returns how to ask it. `tells_nothing`
    says that it knows `allow` from all else, but not `deny` from `none`. Above `largest` rules
    loading takes too long for the quick form, above `largest_whole` for any; `why` says so.
    """

    name: str
    load: Callable[[tuple[Job, ...]], Decide]
    tells_nothing: bool = True
    largest: int = 10_000
    largest_whole: int = 10_000
    why: str = ""
