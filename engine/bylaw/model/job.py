"""Background work: a job that is due once, and how often it is tried."""

from dataclasses import dataclass, field
from datetime import datetime

from bylaw.base.plain import Record

# A start that left no outcome ended with its process, by the job or by something else. After so
# many beside others the job is suspected, and runs alone; after so many alone it is given up.
MOST_STARTS = 5
MOST_ALONE = 20
SUSPECTED = MOST_STARTS + 1
GIVEN_UP = f"it was started alone {MOST_ALONE} times and its process ended each time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job. `attempts` counts the runs that ended without success before this one.

    `starts` counts those since then that left no outcome, this one included if beside others.
    """

    id: int
    name: str
    payload: Record = field(default_factory=dict)
    key: str | None = None
    attempts: int = 0
    starts: int = 1

    @property
    def alone(self) -> int | None:
        """Return how often it ran alone; nothing: it is not suspected."""
        return self.starts - SUSPECTED if self.starts >= SUSPECTED else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadJob:
    """A job that was given up; it is kept until somebody requeues or drops it."""

    id: int
    name: str
    payload: Record
    key: str | None
    attempts: int
    message: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a job is run in all, and how long it waits between.

    The wait doubles from `first_s` to `most_s`; a random part of up to half of it is left
    out, so that jobs that failed together are not tried together.
    """

    attempts: int = 5
    first_s: float = 1.0
    most_s: float = 300.0

    def wait_s(self, failures: int, *, luck: float) -> float:
        """Return the wait after that many failures; `luck` is from 0 to 1."""
        return min(self.most_s, self.first_s * 2.0 ** (failures - 1)) * (1 - luck / 2)
