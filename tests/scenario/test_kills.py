"""Plugs are pulled in the middle of a stream of calls; `make soak PART=kills` is the long form."""

import pytest

from tests.kills.lane import lane

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SEED = 3
LANES = [("two", 1), pytest.param("each", 2, marks=pytest.mark.postgres)]


@pytest.mark.parametrize(("name", "kills"), LANES)
async def test_what_was_acknowledged_is_there_once_whatever_is_killed(
    name: str, kills: int
) -> None:
    async with lane(name, SEED) as opened:
        report = await opened.run(kills)

    assert report.findings == []
    assert report.acknowledged > 0
