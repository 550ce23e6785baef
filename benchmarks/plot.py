"""The plot: how decisions grow with the rules, and every ratio beside its target."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

from benchmarks.row import Row

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes


def draw(rows: Sequence[Row], folder: Path) -> None:
    """Write `results.svg` and `results.png`."""
    sized = [row for row in rows if row.subject == "decision"]
    others = [row for row in rows if row.subject != "decision" and row.ratio is not None]
    height = max(8.0, 0.24 * len(others))
    figure, (left, right) = plt.subplots(1, 2, figsize=(18, height), layout="constrained")
    decisions(left, sized)
    ratios(right, others)
    for kind in ("svg", "png"):
        figure.savefig(folder / f"results.{kind}", dpi=110)
    plt.close(figure)


def decisions(axes: Axes, rows: Sequence[Row]) -> None:
    """Draw time over rules, a line for each engine."""
    lines: dict[str, dict[int, float]] = {}
    for row in rows:
        size = int(row.what.partition(" ")[0].replace(",", ""))
        form = row.what.partition(", ")[2]
        lines.setdefault(f"bylaw, {form}", {})[size] = row.ours
        if row.theirs is not None:
            lines.setdefault(row.beside, {})[size] = row.theirs
    colours = iter(mpl.colormaps["tab10"].colors)
    for name, points in lines.items():
        sizes = sorted(points)
        drawn = [points[size] for size in sizes]
        if name == "bylaw, plain":
            axes.plot(sizes, drawn, "o-", label=name, color="black", linewidth=3)
        elif name.startswith("bylaw"):
            axes.plot(sizes, drawn, "o-", label=name, color="dimgrey", linewidth=3)
        else:
            axes.plot(sizes, drawn, "o--", label=name, color=next(colours), linewidth=1)
    axes.set(xscale="log", yscale="log", xlabel="rules", ylabel="µs for one decision")
    axes.set_title("One decision")
    if lines:
        axes.legend(fontsize=8)
    axes.grid(visible=True, which="major", alpha=0.3)


def ratios(axes: Axes, rows: Sequence[Row]) -> None:
    """Draw each ratio of ours to theirs, with its interval."""
    names = [f"{row.subject}: {row.what} / {row.beside}"[:110] for row in rows]
    values = [row.ratio or 0.0 for row in rows]
    colours = {True: "tab:green", False: "tab:red", None: "tab:grey"}
    lengths = [value - 1 for value in values]
    bars = axes.barh(names, lengths, left=1, color=[colours[row.reached] for row in rows])
    for bar, row in zip(bars, rows, strict=True):
        if row.low is not None and row.high is not None:
            middle = bar.get_y() + bar.get_height() / 2
            axes.plot([row.low, row.high], [middle, middle], color="black", linewidth=1.5)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set(xscale="log", xlabel="ours / theirs (green: target reached, red: missed)")
    axes.tick_params(axis="y", labelsize=7)
    axes.invert_yaxis()
    axes.set_title("Ratios")
