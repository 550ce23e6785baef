"""How much is measured: the quick form for every day, the whole form for figures to publish."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The size of a run.

    `repeats` are the pairs of ours and theirs, `batch_s` is how long one of them lasts,
    `window_s` that of throughput and `check_s` how long verdicts are compared before timing.
    """

    name: str
    repeats: int
    batch_s: float
    window_s: float
    check_s: float
    starts: int
    instances: int


QUICK = Form(
    name="quick",
    repeats=5,
    batch_s=0.006,
    window_s=0.12,
    check_s=0.5,
    starts=3,
    instances=100_000,
)
WHOLE = Form(
    name="whole",
    repeats=31,
    batch_s=0.03,
    window_s=0.5,
    check_s=20.0,
    starts=11,
    instances=100_000,
)
