"""The plug is pulled in the middle: what was begun ends, once, and nothing is lost."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bylaw.store.store import Store
from tests.replay import replay
from tests.running import CHANGE, REVIEW, SUMMARY, copy_of_shipped
from tests.scenario.server import TOKENS, Server, served
from tests.services.outside import Outside, listening, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

Answer = dict[str, Any]


def send(server: Server, name: str, path: str, **arguments: Any) -> Answer:
    """Call a tool over REST as somebody."""
    headers = {"Authorization": f"Bearer {TOKENS[name]}"}
    found: Answer = httpx2.post(
        f"{server.url}{path}", json=arguments, headers=headers, timeout=30
    ).json()
    return found


def run(server: Server, name: str, action: str, **arguments: Any) -> Answer:
    """Run an action as somebody."""
    return send(server, name, "/action", action=action, **arguments)


def approve_all(server: Server) -> None:
    """Bring a review to where it can be merged."""
    run(server, "ana", "code-review.start", params=CHANGE)
    send(server, "ci", "/event", event="tests.finished", params={**CHANGE, "status": "passed"})
    run(server, "ana", "code-review.submit", params=SUMMARY)
    run(server, "bob", "code-review.approve")
    approved = run(server, "cleo", "code-review.approve")
    assert approved["state"] == "approved", approved


async def state(server: Server) -> str:
    """Return the state of the review."""
    headers = {"Authorization": f"Bearer {TOKENS['ana']}"}
    async with httpx2.AsyncClient(headers=headers) as client:
        found = await client.get(f"{server.url}/workflow/state", params={"instance": REVIEW})
    return str(found.json()["state"])


async def cut_off(server: Server, outside: Outside, name: str, action: str, **more: Any) -> None:
    """Have a call begin, and kill the server before it has its answer."""
    outside.open.clear()
    heard = len(outside.heard)
    calling = asyncio.create_task(asyncio.to_thread(run, server, name, action, **more))

    async def count() -> int:
        return len(outside.heard)

    await until(count, lambda now: now > heard)
    server.kill()
    await asyncio.gather(calling, return_exceptions=True)
    outside.open.set()


async def test_call_of_a_step_that_was_cut_off_is_made_again_and_the_instance_moves_on_once(
    tmp_path: Path, sqlite_url: str
) -> None:
    house = copy_of_shipped(tmp_path / "house")
    with listening() as outside, served(house, sqlite_url) as server:
        server.kill()
        server.ci_port = outside.port
        server.start()
        approve_all(server)
        await cut_off(server, outside, "ana", "code-review.merge")
        server.start()
        await until(lambda: state(server), lambda found: found == "merged")
        server.stop()

    async with Store.open(sqlite_url) as store, store.read() as tx:
        history = await tx.history.of_instance("main", REVIEW)
        instance = await tx.instances.get("main", REVIEW)
        report = await tx.audit.verify()
    assert instance is not None
    assert len({heard.key for heard in outside.heard}) == 1
    assert [entry.version for entry in history] == list(range(1, instance.version + 1))
    assert sum("merged" in entry.states for entry in history) == 1
    assert replay(history).states == instance.states
    assert (report.broken, report.records > 0) == ("", True)


async def test_call_by_itself_that_was_cut_off_is_unknown_under_its_key(
    tmp_path: Path, sqlite_url: str
) -> None:
    house = copy_of_shipped(tmp_path / "house")
    message = {"to": "reviewers", "text": "Look."}
    with listening() as outside, served(house, sqlite_url) as server:
        server.kill()
        server.ci_port = outside.port
        server.start()
        await cut_off(server, outside, "ana", "notify.send", params=message, idempotency_key="k")
        server.start()
        again = run(server, "ana", "notify.send", params=message, idempotency_key="k")

    assert again["error"] == "outcome-unknown"
    assert len(outside.heard) == 1


async def test_harmless_call_that_was_cut_off_is_made_again_with_the_same_key(
    tmp_path: Path, sqlite_url: str
) -> None:
    house = copy_of_shipped(tmp_path / "house")
    branch = {"repo": "acme/web", "branch": "feature/x"}
    with listening() as outside, served(house, sqlite_url) as server:
        server.kill()
        server.ci_port = outside.port
        server.start()
        await cut_off(server, outside, "ana", "tests.run", params=branch, idempotency_key="k")
        server.start()
        again = run(server, "ana", "tests.run", params=branch, idempotency_key="k")

    assert again["ok"]
    assert len(outside.heard) == 2
    assert len({heard.key for heard in outside.heard}) == 1
