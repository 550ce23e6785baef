"""Agents that know nothing but tools and answers walk the shipped workflows to a good end."""

import asyncio
from pathlib import Path

import pytest

from examples.walk import GOALS, copied, walk
from examples.walker import Stuck, Walk
from tests.scenario.server import TOKENS, Server, continuous_integration, served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


async def walked(server: Server, workflow: str, transcript: list[str]) -> str:
    """Return the state in which a walk ends."""
    end = await walk(server.url, TOKENS, workflow, transcript.append)
    return str(end["state"])


async def test_agents_that_know_nothing_walk_every_workflow_to_a_good_end(
    tmp_path: Path, store_url: str
) -> None:
    transcripts: dict[str, list[str]] = {goal: [] for goal in GOALS}
    with (
        served(copied(tmp_path / "house"), store_url) as server,
        continuous_integration(server),
    ):
        ends = await asyncio.gather(
            *(walked(server, goal, lines) for goal, lines in transcripts.items())
        )

    assert ends == ["merged", "released", "closed"]
    # Only what nobody else can be quicker with: elsewhere CI or a timer may spare a refusal.
    assert any("advice: Run the tests first." in line for line in transcripts["code-review"])


async def test_goal_that_nobody_can_begin_is_said_to_be_stuck() -> None:
    with pytest.raises(Stuck, match="nobody could start `teleport`"):
        await Walk(workflow="teleport", agents=[], say=lambda _line: None).play()
