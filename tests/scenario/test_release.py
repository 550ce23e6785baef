"""A release, told to the real server and the stand-in for CI: it gets as far as it should."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.running import copy_of_shipped
from tests.scenario.faces import Rest
from tests.scenario.server import Server, continuous_integration, served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
NOTES = "Login and logout pages, and a much faster search."
Answer = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Release:
    """One release on its way; an agent looks after it, people sign and ship it."""

    server: Server
    repo: str

    @property
    def instance(self) -> str:
        """Return the name of the instance."""
        return f"release:{self.repo}@1.2.0"

    async def ask(self, who: str, tool: str, **arguments: Any) -> Answer:
        """Ask over REST; what is asked is done."""
        answer = await Rest(url=self.server.url).ask(who, tool, arguments)
        assert answer["ok"], answer
        return answer

    async def step(self, who: str, action: str, **params: str) -> Answer:
        """Take a step; agents say that their session is one that releases."""
        mode = {"facts": {"session": {"mode": "release"}}} if who == "robin" else {}
        return await self.ask(who, "run_action", action=f"release.{action}", params=params, **mode)

    async def until(self, instance: str, state: str) -> Answer:
        """Wait until an instance is in this state, for half a minute."""
        answer: Answer = {"version": 0}
        for _ in range(6):
            answer = await self.ask(
                "bob",
                "get_workflow_state",
                instance=instance,
                wait_s=5,
                since_version=answer["version"],
            )
            if answer["state"] == state:
                return answer
        raise AssertionError(answer)

    async def ship(self) -> None:
        """Bring it to the first users; whoever is on call may do that at any hour."""
        await self.step("robin", "start", repo=self.repo, version="1.2.0")
        await self.until(self.instance, "checking.security")
        await self.step("sam", "sign-off")
        await self.step("robin", "write-notes", text=NOTES)
        await self.step("oli", "ship", incident="i1")


async def test_release_is_built_checked_signed_and_watched(tmp_path: Path, store_url: str) -> None:
    with (
        served(copy_of_shipped(tmp_path / "house"), store_url) as server,
        continuous_integration(server),
    ):
        release = Release(server=server, repo="acme/web")
        await release.ship()
        watched = await release.until(release.instance, "shipping.watching")

    assert watched["data"]["notes"] == NOTES
    assert watched["data"]["build"]


async def test_alert_rolls_a_release_back_and_starts_an_incident(
    tmp_path: Path, sqlite_url: str
) -> None:
    with (
        served(copy_of_shipped(tmp_path / "house"), sqlite_url) as server,
        continuous_integration(server),
    ):
        release = Release(server=server, repo="acme/sick")
        await release.ship()
        ended = await release.until(release.instance, "aborted")
        incident = f"incident:errors-{ended['data']['build']}-10"
        raised = await release.until(incident, "open.unanswered.first-line")

    assert ended["data"]["problem"] == raised["data"]["title"] == "More errors."
