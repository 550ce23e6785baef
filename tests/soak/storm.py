"""The storm for long: a thousand saves on each store, beside calls of every face.

`SOAK_SAVES` says how many, `SOAK_FILES` how many more files lie in the house. What counts is that
no call failed and no save was lost; the figures are for people, since they are those of a
machine that may be doing other things.
"""

import os
import tempfile
from pathlib import Path

from tests import postgres
from tests.storm.figures import report
from tests.storm.run import Storm, run

# So many saves a turn: long enough for a tail of its own, short enough for many turns.
EACH = 50


def main() -> int:
    """Run the storm on both stores; return 1 if a call failed or a save was lost."""
    saves = int(os.environ.get("SOAK_SAVES", "1000"))
    files = int(os.environ.get("SOAK_FILES", "0"))
    postgres.prepare()
    try:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/bylaw.db"
            found = run(Path(folder), url, saves=saves, each=EACH, files=files)
            good = told("SQLite", found)
        with tempfile.TemporaryDirectory() as folder, postgres.database() as url:
            found = run(Path(folder), url, saves=saves, each=EACH, files=files)
            good = told("Postgres", found) and good
    finally:
        postgres.clean_up()
    return 0 if good else 1


def told(store: str, storm: Storm) -> bool:
    """Print what happened; say whether nothing was lost."""
    print(f"\nstorm on {store}\n{report(storm)}", flush=True)
    for lost in storm.lost[:10]:
        print(f"  lost: {lost}")
    for call in storm.failed[:10]:
        print(f"  failed: {call.face} {call.wrong}")
    return not storm.lost and not storm.failed
