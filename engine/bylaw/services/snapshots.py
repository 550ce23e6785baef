"""Which snapshot is live, and what stands in the way of a newer one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote, urlsplit

from bylaw.base.problem import Problem
from bylaw.compile.house import Compiled
from bylaw.model.archive import Pin
from bylaw.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A version of the house that did not load: its problems, and since when."""

    problems: tuple[Problem, ...]
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """The pin that holds, and why its snapshot could not be made live, where it could not."""

    pin: Pin
    problems: tuple[Problem, ...] = ()


class Snapshots:
    """Holds the live snapshot. Readers take it once; a swap is one assignment.

    `newest` is what the files said when they last loaded: it is live, or waits behind a pin.
    """

    def __init__(self, first: Snapshot) -> None:
        """Begin with a snapshot that loaded."""
        self.live = first
        self._started = first.server
        self.rejected: Rejected | None = None
        self.newest: Compiled | None = None
        self.pinned: Pinned | None = None
        self._watchers: list[Callable[[], None]] = []

    @property
    def restart_for(self) -> tuple[str, ...]:
        """Return what the files say differently since the start, and only a restart changes."""
        old, new = self._started, self.live.server
        changed = {
            "listen": (old.host, old.port) != (new.host, new.port),
            "store": old.store_url != new.store_url,
            "reload.debounce": old.debounce_ms != new.debounce_ms,
        }
        return tuple(name for name, is_changed in changed.items() if is_changed)

    @property
    def waiting(self) -> Snapshot | None:
        """Return what the files say and the pin keeps from being live."""
        newest = self.newest.snapshot if self.newest else None
        if self.pinned is None or newest is None or newest.digest == self.live.digest:
            return None
        return newest

    def as_started(self, snapshot: Snapshot) -> Snapshot:
        """Return a recorded snapshot with what belongs to this process as it was started."""
        return replace(snapshot, server=snapshot.server.at(self._started.station))

    def watch(self, look: Callable[[], None]) -> None:
        """Call somebody after every swap."""
        self._watchers.append(look)

    def swap(self, snapshot: Snapshot) -> None:
        """Make the snapshot live, and have those look at it who watch."""
        self.live = snapshot
        for look in self._watchers:
            look()

    def accept(self, compiled: Compiled) -> None:
        """Remember the newest good files; whatever was rejected before is mended."""
        self.newest = replace(compiled, sources=())
        self.rejected = None

    def reject(self, problems: tuple[Problem, ...], now: datetime) -> None:
        """Keep the live snapshot and remember what is wrong with the newer one."""
        since = self.rejected.since if self.rejected else now
        self.rejected = Rejected(problems=problems, since=since)


def secret_values(snapshot: Snapshot) -> list[str]:
    """Return what nothing may show: the secrets, and the password of the store."""
    known = [secret.reveal() for secret in snapshot.server.secrets.values()]
    return [*known, unquote(urlsplit(snapshot.server.store_url).password or "")]
