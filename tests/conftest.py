"""What every test may ask for: a store on each of the two databases."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from bylaw.store.store import Store
from tests import postgres

# A run that gates a change draws the same examples every time; `HYPOTHESIS_PROFILE=dev` others.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("dev", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure() -> None:
    """Name the place of the PostgreSQL server before the processes of xdist start."""
    postgres.prepare()


def pytest_unconfigure() -> None:
    """Stop the PostgreSQL server, if a test needed it."""
    postgres.clean_up()


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """Give the URL of a PostgreSQL database with all tables."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the URL of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path}/bylaw.db"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of an empty store, once on each database."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """Give an empty store that is ready, once on each database."""
    async with Store.open(store_url) as opened:
        await opened.migrate()
        yield opened
