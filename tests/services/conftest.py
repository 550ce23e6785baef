"""The shipped house, running in this process, once on each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.running import Running, copy_of_shipped, running


@pytest.fixture
async def bylaw(tmp_path: Path, store_url: str) -> AsyncIterator[Running]:
    """Give a running Bylaw over a copy of the shipped house."""
    async with running(copy_of_shipped(tmp_path / "house"), store_url) as found:
        yield found
