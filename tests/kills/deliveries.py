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

    def excuse(self, first: Heard, second: Heard) -> bool:
        """Say whether a kill between two calls with one key is why there are two."""
        if first.status != GOOD:
            return True
        killed = self.processes.get(first.process)
        if killed is not None and first.at - LATE_S <= killed <= second.at:
            return True
        return any(first.at - OUTAGE_S <= at <= second.at for at in self.database)


def deliveries_hold(seen: Seen, receiver: Receiver, plugs: Plugs) -> Iterator[Finding]:
    """Find calls that never came in, came in twice without need, or without being committed."""
    effects = {row["key"]: row for row in seen.effects}
    for key, effect in effects.items():
        heard = receiver.by_key.get(key, [])
        yield from came_in(effect, heard)
        for first, second in pairwise(heard):
            if not plugs.excuse(first, second):
                yield Finding(kind="twice", of=key, text=f"{first} and {second}")
            elif effect["action"] == "once":
                yield Finding(kind="twice", of=key, text=f"may be called once: {heard}")
    for key in receiver.by_key.keys() - effects.keys():
        yield Finding(kind="half", of=key, text="a call that nobody committed")


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
