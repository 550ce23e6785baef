"""`make bench`: every figure beside its peer or floor, as a table, a plot and files.

`python -m benchmarks [quick|whole] [subject …]` measures all subjects, or only those named.
"""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks import (
    available,
    decision,
    memory,
    plot,
    reload,
    report,
    run,
    start,
    step,
    tokens,
    wire,
)
from benchmarks.form import QUICK, WHOLE, Form
from benchmarks.row import Row

SUBJECTS: dict[str, Callable[[Form], Iterable[Row]]] = {
    "decision": decision.rows,
    "step": step.rows,
    "available": available.rows,
    "run": run.rows,
    "wire": wire.rows,
    "reload": reload.rows,
    "start": start.rows,
    "memory": memory.rows,
    "tokens": tokens.rows,
}
RESULTS = Path(__file__).parent / "results"


def main(arguments: Sequence[str]) -> int:
    """Measure, print and write."""
    forms = {form.name: form for form in (QUICK, WHOLE)}
    chosen = [forms[word] for word in arguments if word in forms]
    subjects = [word for word in arguments if word not in forms]
    unknown = [word for word in subjects if word not in SUBJECTS]
    if unknown or len(chosen) > 1:
        print(f"usage: python -m benchmarks [quick|whole] [{'|'.join(SUBJECTS)} ...]")
        return 2
    measure((chosen or [QUICK])[0], subjects or list(SUBJECTS))
    return 0


def measure(form: Form, subjects: Sequence[str]) -> None:
    """Measure the subjects, one after the other."""
    begin = time.monotonic()
    print(report.header())
    rows: list[Row] = []
    for subject in subjects:
        for row in SUBJECTS[subject](form):
            rows.append(row)
            print(report.line(row), flush=True)
    print(f"\n{report.summary(rows)}\nMeasured in {time.monotonic() - begin:.0f} s.")
    report.write(rows, form, RESULTS)
    plot.draw(rows, RESULTS)
    print(f"Written to {RESULTS}: results.md, results.json, results.svg, results.png.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
