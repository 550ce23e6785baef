"""The two databases: a SQLite file, and the Postgres that the tests start from a wheel.

Both databases are set the same for ours and for what stands beside. The Postgres of the tests
does not wait for the disk (`fsync=off`), so the share of the engine is larger than in operation.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests import postgres

KINDS = ("SQLite", "Postgres")
COUNT = 8
# Gives the URL of a new, empty database.
Urls = Iterator[str]


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Urls]:
    """Give some new databases, and drop them in the end."""
    if kind == "SQLite":
        yield (f"sqlite:///{folder}/{number}.db" for number in range(COUNT))
        return
    postgres.prepare()
    try:
        with ExitStack() as stack:
            yield iter([stack.enter_context(postgres.database()) for _ in range(COUNT)])
    finally:
        postgres.clean_up()
