"""The plug is pulled while a caller waits for a call of its own: what its key then says.

What holds after any kill, at any moment, is in `test_kills.py`.
"""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.running import copy_of_shipped
from tests.scenario.server import TOKENS, Server, served
from tests.services.outside import listening, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

Answer = dict[str, Any]

MESSAGE = {"to": "reviewers", "text": "Look."}
BRANCH = {"repo": "acme/web", "branch": "feature/x"}


def run(server: Server, action: str, params: dict[str, str]) -> Answer:
    """Run an action under a key."""
    headers = {"Authorization": f"Bearer {TOKENS['ana']}"}
    body = {"action": action, "params": params, "idempotency_key": f"key-of-{action}"}
    found: Answer = httpx2.post(
        f"{server.url}/action", json=body, headers=headers, timeout=30
    ).json()
    return found


async def test_cut_off_call_is_unknown_under_its_key_and_a_harmless_one_is_made_again(
    tmp_path: Path, sqlite_url: str
) -> None:
    house = copy_of_shipped(tmp_path / "house")
    with listening() as outside, served(house, sqlite_url, ci_port=outside.port) as server:
        outside.open.clear()
        calling = [
            asyncio.create_task(asyncio.to_thread(run, server, action, params))
            for action, params in (("notify.send", MESSAGE), ("tests.run", BRANCH))
        ]

        async def count() -> int:
            return len(outside.heard)

        await until(count, lambda heard: heard == 2)
        server.kill()
        await asyncio.gather(*calling, return_exceptions=True)
        outside.open.set()
        server.start()
        unknown = run(server, "notify.send", MESSAGE)
        harmless = run(server, "tests.run", BRANCH)

    keys = [one.key for one in outside.heard if one.path == "/runs"]
    assert unknown["error"] == "outcome-unknown"
    assert harmless["ok"]
    assert len(outside.heard) == 3
    assert len(keys) == 2
    assert len(set(keys)) == 1
