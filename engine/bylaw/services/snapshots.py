"""Which snapshot is live, and what stands in the way of a newer one."""

from dataclasses import dataclass
from datetime import datetime

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
        self.rejected: Rejected | None = None

    def swap(self, snapshot: Snapshot) -> None:
        """Make the snapshot live; whatever was rejected before is mended."""
        self.live = snapshot
        self.rejected = None

    def reject(self, problems: tuple[Problem, ...], now: datetime) -> None:
        """Keep the live snapshot and remember what is wrong with the newer one."""
        since = self.rejected.since if self.rejected else now
        self.rejected = Rejected(problems=problems, since=since)
