"""Which snapshot is live, and what stands in the way of a newer one."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from bylaw.base.problem import Problem
from bylaw.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A version of the house that did not load: its problems, and since when."""

    problems: tuple[Problem, ...]
    since: datetime


class Snapshots:
    """Holds the live snapshot. Readers take it once; a swap is one assignment."""

    def __init__(self, first: Snapshot) -> None:
        """Begin with a snapshot that loaded."""
        self.live = first
        self._started = first.server
        self.rejected: Rejected | None = None

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

    def swap(self, snapshot: Snapshot) -> None:
        """Make the snapshot live; whatever was rejected before is mended."""
        self.live = snapshot
        self.rejected = None

    def reject(self, problems: tuple[Problem, ...], now: datetime) -> None:
        """Keep the live snapshot and remember what is wrong with the newer one."""
        since = self.rejected.since if self.rejected else now
        self.rejected = Rejected(problems=problems, since=since)


def secret_values(snapshot: Snapshot) -> list[str]:
    """Return what nothing may show: the secrets, and the password of the store."""
    known = [secret.reveal() for secret in snapshot.server.secrets.values()]
    return [*known, unquote(urlsplit(snapshot.server.store_url).password or "")]
