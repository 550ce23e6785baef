"""`make bench`: every figure beside its peer or floor, as a table."""

import asyncio
from collections.abc import Iterator

from benchmarks import available, decision, reload, run, step
from benchmarks.timing import HEADER, Row

SIZES = (10, 100, 1000, 10_000)


def rows() -> Iterator[Row]:
    """Give the rows as they are measured."""
    yield from decision.rows(SIZES)
    yield from step.rows()
    yield from asyncio.run(run.rows())
    yield from asyncio.run(available.rows())
    yield from reload.rows()


def main() -> None:
    """Print the table."""
    print(HEADER)
    for row in rows():
        print(row, flush=True)


if __name__ == "__main__":
    main()
