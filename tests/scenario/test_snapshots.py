"""An operator goes back to an older snapshot, and forward again, with a real server."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bylaw.faces.cli.main import main
from tests.running import copy_of_shipped
from tests.scenario.server import TOKENS, Server, served
from tests.services.outside import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

PUSH = {"action": "git.push", "params": {"repo": "acme/web", "branch": "frozen"}}
MONDAY = ("Frozen until Monday.", "rules/freeze.yaml:6")
TUESDAY = ("Frozen until Tuesday.", "rules/freeze.yaml:7")
RULE = """\
kind: policy
name: freeze
description: One branch is frozen.
applies: {actions: [git.push]}
rules:
  - {name: no-push, when: params.branch == "frozen", effect: deny, message: Frozen until DAY.}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Somebody who runs the CLI on the server's machine, without asking the server."""

    capsys: pytest.CaptureFixture[str]

    async def run(self, *words: str) -> str:
        """Run a command that succeeds, and return what it printed."""
        code = await asyncio.to_thread(main, words)
        printed = self.capsys.readouterr()
        assert code == 0, printed.err
        return printed.out

    async def live(self) -> str:
        """Return the digest of what the store says is live."""
        listed = json.loads(await self.run("snapshots", "list", "--json"))["snapshots"]
        return next(str(one["digest"]) for one in listed if one["live"])


@pytest.fixture
def operator(
    tmp_path: Path,
    store_url: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Operator:
    """Give an operator of the house in this folder."""
    monkeypatch.setenv("BYLAW_HOUSE", str(tmp_path))
    monkeypatch.setenv("BYLAW_STORE_URL", store_url)
    return Operator(capsys=capsys)


async def reason(server: Server) -> tuple[str, str]:
    """Return why a push is denied, and by which line."""
    headers = {"Authorization": f"Bearer {TOKENS['ana']}"}
    async with httpx2.AsyncClient(headers=headers) as client:
        answer = (await client.post(f"{server.url}/enforce", json=PUSH)).json()
    rules = {one["rule"]: one for one in answer["because"]}
    found = rules["freeze/no-push"]
    return found["message"], found["at"]


async def health(server: Server) -> dict[str, Any]:
    """Return what `/health` says."""
    async with httpx2.AsyncClient() as client:
        found: dict[str, Any] = (await client.get(f"{server.url}/health")).json()
    return found


async def test_pinned_snapshot_is_live_until_it_is_unpinned(
    tmp_path: Path, store_url: str, operator: Operator
) -> None:
    house = copy_of_shipped(tmp_path)
    file = house / "rules" / "freeze.yaml"
    file.write_text(RULE.replace("DAY", "Monday"))
    with served(house, store_url) as server:
        old = await operator.live()
        file.write_text(f"# Longer.\n{RULE.replace('DAY', 'Tuesday')}")
        await until(lambda: reason(server), lambda found: found == TUESDAY)

        # While it runs, the next answer follows the pin.
        await operator.run("snapshots", "pin", old[:10], "--reason", "Tuesday was wrong.")
        await until(lambda: reason(server), lambda found: found == MONDAY)
        told = await health(server)

        # After a restart it is still pinned, though nothing of the house loads.
        server.stop()
        for broken in (file, house / "bylaw.yaml"):
            broken.write_text("kind: [\n")
        server.start()
        restarted, broken_told = await reason(server), await health(server)

        # Unpinned, what good files said last is live, and what is wrong with them is still said.
        await operator.run("snapshots", "unpin")
        await until(lambda: reason(server), lambda found: found == TUESDAY)
        unpinned = await health(server)

    assert (told["content"], told["pinned"]["reason"]) == ("pinned", "Tuesday was wrong.")
    assert restarted == MONDAY
    assert (broken_told["content"], broken_told["pinned"]["digest"]) == ("stale", old)
    assert (unpinned["content"], "pinned" in unpinned) == ("stale", False)
    await operator.run("audit", "verify")
