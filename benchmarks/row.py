"""Rows of the table: our figure beside theirs, the ratio with its interval, and the target."""

import random
import statistics
from dataclasses import dataclass
from typing import Literal

Unit = Literal["us", "ms", "1/s", "bytes", "tokens"]
RESAMPLES = 2000
# Fewer repeats than this say nothing about an interval.
ENOUGH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What design §13 asks for: of our own figure, or of the ratio to theirs."""

    text: str
    ours: float | None = None
    ratio: float | None = None
    at_least: bool = False

    def is_reached(self, ours: float, ratio: float | None) -> bool | None:
        """Say whether it is reached; nothing if that cannot be said."""
        found, limit = (ours, self.ours) if self.ours is not None else (ratio, self.ratio)
        if found is None or limit is None:
            return None
        return found >= limit if self.at_least else found <= limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table. `theirs` may be a peer (to be beaten) or a floor (to be near)."""

    subject: str
    what: str
    unit: Unit
    ours: float
    beside: str = ""
    theirs: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    target: str = ""
    reached: bool | None = None
    note: str = ""


def at_most(limit: float, unit: str) -> Target:
    """Return the target that our figure is at most this."""
    return Target(text=f"≤ {limit:,g} {unit}", ours=limit)


def ratio_at_most(limit: float) -> Target:
    """Return the target that ours is at most so many times theirs."""
    return Target(text=f"≤ {limit:g} x", ratio=limit)


def ratio_at_least(limit: float) -> Target:
    """Return the target that ours is at least this share of theirs."""
    return Target(text=f"≥ {limit:.0%}", ratio=limit, at_least=True)


AHEAD = Target(text="ahead", ratio=1.0)


def compared(
    subject: str,
    what: str,
    *,
    ours: tuple[float, ...],
    beside: str = "",
    theirs: tuple[float, ...] = (),
    unit: Unit = "us",
    target: Target | None = None,
    note: str = "",
) -> Row:
    """Return the row of samples that were taken in turn."""
    middle = statistics.median(ours)
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=False)]
    ratio = statistics.median(ratios) if ratios else None
    low, high = interval(ratios) if len(ratios) >= ENOUGH else (None, None)
    return Row(
        subject=subject,
        what=what,
        unit=unit,
        ours=middle,
        beside=beside,
        theirs=statistics.median(theirs) if theirs else None,
        ratio=ratio,
        low=low,
        high=high,
        target=target.text if target else "",
        reached=target.is_reached(middle, ratio) if target else None,
        note=note,
    )


def interval(ratios: list[float]) -> tuple[float, float]:
    """Return the 95 % interval of the median, by bootstrap over the pairs."""
    draw = random.Random(1)  # noqa: S311 - the same draw for the same figures
    medians = sorted(
        statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES)
    )
    edge = RESAMPLES // 40
    return medians[edge], medians[-edge - 1]
