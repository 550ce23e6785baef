"""What reached the receiver: all that was committed, with its key, and twice only by a kill."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from tests.kills.check import Finding
from tests.kills.receiver import Heard, Receiver
from tests.kills.seen import Row, Seen

# A call may reach the receiver a little after the process that sent it was killed, and its end
# may be due while the database, which was killed before, is not back yet.
LATE_S = 0.5
OUTAGE_S = 5.0
GOOD = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugs:
    """When what was killed: processes by the name of their life, and the database."""

    processes: Mapping[str, float]
    database: tuple[float, ...] = ()

    def between(self, heard: list[Heard]) -> int:
        """Count the kills that may have cut off one of the calls with a key but the last."""
        first, last = heard[0].at, heard[-1].at
        lives = {one.process for one in heard}
        killed = (self.processes.get(life, last + 1) for life in lives)
        own = sum(first - LATE_S <= at <= last for at in killed)
        return own + sum(first - OUTAGE_S <= at <= last for at in self.database)


def deliveries_hold(seen: Seen, receiver: Receiver, plugs: Plugs) -> Iterator[Finding]:
    """Find calls that never came in, came in twice without need, or without being committed."""
    effects = {row["key"]: row for row in seen.effects}
    for key, effect in effects.items():
        heard = receiver.by_key.get(key, [])
        yield from came_in(effect, heard)
        yield from came_once(effect, heard, plugs)
    for key in receiver.by_key.keys() - effects.keys():
        yield Finding(kind="half", of=key, text="a call that nobody committed")


def came_once(effect: Row, heard: list[Heard], plugs: Plugs) -> Iterator[Finding]:
    """Find a call that came in more often than failures and kills account for."""
    if len(heard) < 2:
        return
    failures = sum(one.status != GOOD for one in heard[:-1])
    most = 1 if effect["action"] == "once" else 1 + failures + plugs.between(heard)
    if len(heard) > most:
        yield Finding(kind="twice", of=effect["key"], text=f"{most} at most: {heard}")


def came_in(effect: Row, heard: list[Heard]) -> Iterator[Finding]:
    """Find a call that has ended well and never came in, or as another."""
    if effect["status"] == "done" and not any(one.status == GOOD for one in heard):
        yield Finding(kind="lost", of=effect["key"], text="done, and never heard")
    wrong = [one for one in heard if one.token != effect["params"]["word"]]
    if wrong:
        yield Finding(kind="told", of=effect["key"], text=f"heard {wrong[0]}")


def repeats(receiver: Receiver) -> int:
    """Count the calls that came in again after they had been answered well."""
    return sum(
        first.status == GOOD for heard in receiver.by_key.values() for first, _ in pairwise(heard)
    )
