"""One saved file among 1,000, from reading to a new snapshot, beside reading all of it anew."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.house import ACCESS, ORIGIN, SERVER, action_text
from benchmarks.timing import Row, median_us
from bylaw.app import clock
from bylaw.background.reload import Loader

FILES = 1000


def rows() -> Iterator[Row]:
    """Give the row of a reload."""
    with tempfile.TemporaryDirectory() as folder:
        house = Path(folder)
        (house / "rules").mkdir()
        (house / "bylaw.yaml").write_text(SERVER + ACCESS)
        for number in range(FILES):
            (house / "rules" / f"r{number}.yaml").write_text(action_text(number))
        loader = Loader(house, ORIGIN.environ, clock.now)
        whole = median_us(lambda: Loader(house, ORIGIN.environ, clock.now).load(), number=1)
        saved = iter(range(10_000))

        def save_and_load() -> None:
            text = action_text(7).replace("A job.", f"Job {next(saved)}.")
            (house / "rules" / "r7.yaml").write_text(text)
            assert loader.load().snapshot is not None

        one = median_us(save_and_load, number=1)
    yield Row(
        what=f"one saved file, {FILES} files", ours_us=one, beside="load of all", theirs_us=whole
    )
