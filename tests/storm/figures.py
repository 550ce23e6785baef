"""What became of a storm, as lines of text.

A tail is that of a turn: one pause of the machine spoils one turn, and not the figure. What is
told is the median of the turns, the ratio of two medians, and between which values the ratio
lies in 95 of 100 draws of turns from those that there were.
"""

import random
from collections import Counter
from statistics import median

from tests.storm.run import TURNS, Storm

DRAWS = 2_000
# A turn with fewer calls of a face says nothing of their tail.
FEWEST = 100


def report(storm: Storm) -> str:
    """Return what happened."""
    faces = Counter(call.face for call in storm.calls)
    kinds = Counter(saved.kind for saved, _ in storm.saves)
    live = sorted(took for saved, took in storm.saves if not saved.at)
    told = sorted(took for saved, took in storm.saves if saved.at)
    lines = [
        f"calls    {len(storm.calls)}: " + counted(faces),
        f"failed   {len(storm.failed)}",
        f"saves    {len(storm.saves)}: " + counted(kinds),
        f"lost     {len(storm.lost)}",
        f"rejected {len(told)}, seen with their place: p50 {ms(told, 50)}, p99 {ms(told, 99)}",
        f"live     p50 {ms(live, 50)}, p99 {ms(live, 99)}, max {ms(live, 100)} after the save",
        f"memory   {storm.memory_mb[0]} MB after the first turn, {storm.memory_mb[-1]} MB at last",
        "ms, all turns".ljust(17) + "  ".join(f"{name + ' p50 p99 max':>22}" for name in TURNS),
    ]
    return "\n".join([*lines, *(line(storm, face) for face in ("", *faces)), *tails(storm)])


def line(storm: Storm, face: str) -> str:
    """Return p50, p99 and the longest of one face, or all, over all turns of each kind."""
    pooled = [sorted(one for turn in storm.took(kind, face) for one in turn) for kind in TURNS]
    cells = [f"{ms(took, 50)} {ms(took, 99)} {ms(took, 100)}" for took in pooled]
    if all(pooled):
        calm, decoy, top = (percentile(took, 99) for took in pooled)
        cells.append(f"p99 {top / calm:.2f} of calm, {top / decoy:.2f} of decoy")
    return f"{face or 'all':<17}" + "  ".join(f"{cell:>22}" for cell in cells)


def tails(storm: Storm) -> list[str]:
    """Return the median over the turns of their p99, and what the storm's is of the others'."""
    turns = {kind: storm.took(kind) for kind in TURNS}
    if (
        not all(turns.values())
        or min(len(one) for took in turns.values() for one in took) < FEWEST
    ):
        return []
    p99s = {kind: [percentile(one, 99) for one in took] for kind, took in turns.items()}
    said = ", ".join(f"{kind} {median(found) * 1000:.1f}" for kind, found in p99s.items())
    ratios = ", ".join(
        f"{ratio(p99s['storm'], p99s[kind])} of {kind}" for kind in TURNS if kind != "storm"
    )
    return [f"p99, the median of {len(p99s['storm'])} turns: {said} ms; the storm's is {ratios}"]


def ratio(some: list[float], others: list[float]) -> str:
    """Return the ratio of two medians, with the interval that a bootstrap of the turns gives."""
    drawn = random.Random(0)  # noqa: S311 - draws for a statistic, and no secret
    pairs = list(zip(some, others, strict=True))
    found = sorted(of_medians(drawn.choices(pairs, k=len(pairs))) for _ in range(DRAWS))
    low, high = found[DRAWS // 40], found[-DRAWS // 40]
    return f"{of_medians(pairs):.2f} ({low:.2f} to {high:.2f})"


def of_medians(pairs: list[tuple[float, float]]) -> float:
    """Return the ratio of the median of the first to that of the second."""
    return median(one for one, _ in pairs) / median(other for _, other in pairs)


def counted(counts: Counter[str]) -> str:
    """Return counts as words."""
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())


def percentile(numbers: list[float], percent: int) -> float:
    """Return a percentile of sorted numbers."""
    return numbers[min(len(numbers) - 1, len(numbers) * percent // 100)]


def ms(seconds: list[float], percent: int) -> str:
    """Return a percentile in milliseconds."""
    return f"{percentile(seconds, percent) * 1000:.1f}" if seconds else "-"
