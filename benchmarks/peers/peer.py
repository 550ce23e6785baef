"""What an adapter gives: a policy is loaded once, then asked."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.policy import Job, Request, Verdict

Decide = Callable[[Request], Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One engine, used one way.

    `load` makes whatever the engine can make once, and returns how to ask it. `gives_rules` says
    that its answers name the rules that decided; the others give a verdict alone. `tells_nothing`
    says that it knows `deny` from no rule at all.
    """

    name: str
    load: Callable[[tuple[Job, ...]], Decide]
    gives_rules: bool = False
    tells_nothing: bool = True
