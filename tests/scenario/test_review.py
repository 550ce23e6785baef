"""The story of a change, told to the real server by real clients, on both databases."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from examples.scenario import Scenario
from tests.running import copy_of_shipped
from tests.scenario.server import TOKENS, Server, continuous_integration, served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def story(server: Server, name: str) -> Scenario:
    """Return a story about a branch of its own."""
    return Scenario(
        url=server.url, ci_url=server.ci_url, tokens=TOKENS, name=name, say=lambda _line: None
    )


def status_of(server: Server) -> dict[str, Any]:
    """Return what the server says is live."""
    found: dict[str, Any] = httpx2.get(
        f"{server.url}/enforcement/status", headers={"Authorization": f"Bearer {TOKENS['ana']}"}
    ).json()
    return found


async def until_live(server: Server, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Wait until what is live is as it should be."""
    found = status_of(server)
    async with asyncio.timeout(10):
        while not reached(found):
            await asyncio.sleep(0.05)
            found = status_of(server)
    return found


async def test_change_is_merged_though_the_server_restarts_in_the_middle(
    tmp_path: Path, store_url: str
) -> None:
    with (
        served(copy_of_shipped(tmp_path / "house"), store_url) as server,
        continuous_integration(server),
    ):
        login = story(server, "login")
        await login.begin()
        await login.submit()
        server.kill()
        server.start()
        await login.review()
        merged = await login.merge()

    rules = [refused["because"][0]["rule"] for refused in login.refused]
    assert merged["state"] == "merged"
    assert "branch-protection/no-direct-push" in rules
    assert "code-review/in_review.approve" in rules
    assert all(":" in refused["because"][0]["at"] for refused in login.refused)


async def test_failed_merge_goes_back_to_draft(tmp_path: Path, store_url: str) -> None:
    with (
        served(copy_of_shipped(tmp_path / "house"), store_url) as server,
        continuous_integration(server),
    ):
        back = await story(server, "search-conflict").play()

    assert back["state"] == "draft"
    assert back["data"]["approved_by"] == []
    assert "conflict" in back["data"]["problem"]


async def test_saved_threshold_changes_the_next_answer_of_a_running_review(
    tmp_path: Path, sqlite_url: str
) -> None:
    house = copy_of_shipped(tmp_path / "house")
    workflow = house / "workflows" / "code-review.yaml"
    with served(house, sqlite_url) as server, continuous_integration(server):
        login = story(server, "login")
        await login.begin()
        await login.submit()
        before = status_of(server)["digest"]
        text = workflow.read_text()
        workflow.write_text(text.replace("len(approved_by) >= 2", "len(approved_by) >= 1"))
        await until_live(server, lambda status: status["digest"] != before)
        answer = await login.step("bob", "code-review.approve")

    assert answer["state"] == "approved"


async def test_broken_file_changes_nothing_and_says_where_it_is_broken(
    tmp_path: Path, sqlite_url: str
) -> None:
    house = copy_of_shipped(tmp_path / "house")
    policy = house / "rules" / "branch-protection.yaml"
    with served(house, sqlite_url) as server:
        before = status_of(server)
        good = policy.read_text()
        policy.write_text(good.replace("effect: deny", "efect: deny", 1))
        broken = await until_live(server, lambda status: "problems" in status)
        health = httpx2.get(f"{server.url}/health").json()
        policy.write_text(good)
        mended = await until_live(server, lambda status: "problems" not in status)

    assert broken["digest"] == before["digest"] == mended["digest"]
    assert broken["problems"][0]["at"].startswith("rules/branch-protection.yaml:")
    assert health["content"] == "stale"
