"""What a run says: a table for the terminal, Markdown, and JSON, all from the same rows."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.form import Form
from benchmarks.row import Row

HEADER = ("what", "ours", "beside", "theirs", "ratio", "95 % interval", "target", "")
WIDTHS = (36, 12, 52, 12, 8, 16, 10, 4)


def line(row: Row) -> str:
    """Return a row of the table for the terminal."""
    return columns(cells(row))


def header() -> str:
    """Return the head of the table for the terminal."""
    return columns(HEADER)


def columns(texts: Sequence[str]) -> str:
    """Put texts into columns; figures stand to the right."""
    right = (1, 3, 4)
    found = (
        text.rjust(width) if number in right else text.ljust(width)
        for number, (text, width) in enumerate(zip(texts, WIDTHS, strict=True))
    )
    return "  ".join(found).rstrip()


def cells(row: Row) -> tuple[str, ...]:
    """Return a row as texts."""
    between = "" if row.low is None else f"{row.low:.3g} to {row.high:.3g}"
    reached = {None: "", True: "yes", False: "NO"}[row.reached]
    return (
        f"{row.subject}: {row.what}",
        f"{figure(row.ours)} {row.unit}",
        row.beside,
        "" if row.theirs is None else f"{figure(row.theirs)} {row.unit}",
        "" if row.ratio is None else f"{row.ratio:.3g}",
        between,
        row.target,
        reached,
    )


def figure(value: float) -> str:
    """Return a figure with three digits that count."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def markdown(rows: Iterable[Row]) -> str:
    """Return the table in Markdown."""
    lines = ["| " + " | ".join(HEADER[:-1]) + " | reached |", "|" + "---|" * len(HEADER)]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in rows]
    notes = dict.fromkeys(row.note for row in rows if row.note)
    return "\n".join([*lines, "", *(f"- {note}" for note in notes), ""])


def write(rows: Sequence[Row], form: Form, folder: Path) -> None:
    """Write JSON and Markdown."""
    folder.mkdir(exist_ok=True)
    machine = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
    }
    told = {"form": form.name, **machine, "rows": [asdict(row) for row in rows]}
    (folder / "results.json").write_text(json.dumps(told, indent=2) + "\n")
    head = f"Form: {form.name}. " + ", ".join(f"{key} {value}" for key, value in machine.items())
    (folder / "results.md").write_text(f"{head}.\n\n{markdown(rows)}")


def summary(rows: Sequence[Row]) -> str:
    """Say how many targets are reached, and name those that are not."""
    held = [row for row in rows if row.reached is not None]
    missed = [row for row in held if not row.reached]
    said = f"{len(held) - len(missed)} of {len(held)} targets reached."
    return "\n".join([said, *(f"  missed: {' '.join(line(row).split())}" for row in missed)])
