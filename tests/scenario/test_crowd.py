"""Several processes over one store, with many callers: nothing is lost and nothing is twice."""

import asyncio
import os
import sys
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastmcp import Client
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport

from bylaw.store.store import Store
from tests.replay import replay
from tests.running import CHANGE, REVIEW, SUMMARY, copy_of_shipped
from tests.scenario.server import TOKENS, Server, served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

Answer = dict[str, Any]
EACH = 8


async def run(server: Server, name: str, action: str, **arguments: Any) -> Answer:
    """Run an action over REST."""
    headers = {"Authorization": f"Bearer {TOKENS[name]}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as client:
        body = {"action": action, **arguments}
        found: Answer = (await client.post(f"{server.url}/action", json=body)).json()
        return found


async def run_mcp(client: Client[Any], action: str, **arguments: Any) -> Answer:
    """Run an action over MCP."""
    called = await client.call_tool(
        "run_action", {"action": action, **arguments}, raise_on_error=False
    )
    return called.structured_content or {}


def over_http(server: Server, name: str) -> Client[Any]:
    """Return a client of `/mcp`."""
    headers = {"Authorization": f"Bearer {TOKENS[name]}"}
    return Client(StreamableHttpTransport(f"{server.url}/mcp", headers=headers))


def over_stdio(server: Server) -> Client[Any]:
    """Return a client that starts its own Bylaw over the same house and store."""
    environ = {**server.environ, "PATH": os.environ["PATH"]}
    return Client(StdioTransport(sys.executable, ["-m", "bylaw", "stdio"], env=environ))


async def in_review(server: Server) -> None:
    """Bring a review to where others approve it."""
    await run(server, "ana", "code-review.start", params=CHANGE)
    event = {"event": "tests.finished", "params": {**CHANGE, "status": "passed"}}
    headers = {"Authorization": f"Bearer {TOKENS['ci']}"}
    async with httpx2.AsyncClient(headers=headers) as client:
        await client.post(f"{server.url}/event", json=event)
    submitted = await run(server, "ana", "code-review.submit", params=SUMMARY)
    assert submitted["state"] == "in_review", submitted


async def versions_of(store_url: str) -> list[int]:
    """Return the versions of the history, which replays to the stored state."""
    async with Store.open(store_url) as store, store.read() as tx:
        history = await tx.history.of_instance("main", REVIEW)
        instance = await tx.instances.get("main", REVIEW)
    assert instance is not None
    told = replay(history)
    assert (told.version, told.states) == (instance.version, instance.states)
    assert told.data == instance.data
    return [entry.version for entry in history]


@pytest.mark.postgres
async def test_callers_of_two_servers_over_one_store_are_decided_one_after_the_other(
    tmp_path: Path, postgres_url: str
) -> None:
    house = copy_of_shipped(tmp_path / "house")
    async with AsyncExitStack() as stack:
        one = stack.enter_context(served(house, postgres_url))
        two = stack.enter_context(served(house, postgres_url))
        await in_review(one)
        clients = [
            await stack.enter_async_context(over_http(server, name))
            for server, name in ((one, "bob"), (two, "cleo"))
        ]
        answers = await asyncio.gather(
            *(run(one, "cleo", "code-review.approve") for _ in range(EACH)),
            *(run(two, "bob", "code-review.approve") for _ in range(EACH)),
            *(run_mcp(client, "code-review.approve") for client in clients * EACH),
        )

    outcomes = Counter(answer.get("error") for answer in answers)
    assert outcomes.pop(None) == 2
    assert set(outcomes) <= {"guard", "not-in-state", "stale"}
    assert await versions_of(postgres_url) == [1, 2, 3, 4, 5]


@pytest.mark.postgres
async def test_one_key_sent_to_two_servers_has_one_effect_and_one_answer(
    tmp_path: Path, postgres_url: str
) -> None:
    house = copy_of_shipped(tmp_path / "house")
    with served(house, postgres_url) as one, served(house, postgres_url) as two:
        await in_review(one)
        answers = await asyncio.gather(
            *(
                run(server, "bob", "code-review.approve", idempotency_key="k")
                for server in (one, two) * EACH
            )
        )

    assert {answer.get("version") for answer in answers} == {4}
    assert sum("repeated" not in answer for answer in answers) == 1
    assert await versions_of(postgres_url) == [1, 2, 3, 4]


async def test_server_and_stdio_client_share_one_file(tmp_path: Path, sqlite_url: str) -> None:
    house = copy_of_shipped(tmp_path / "house")
    with served(house, sqlite_url) as server:
        async with over_stdio(server) as client:
            started = await run_mcp(client, "code-review.start", params=CHANGE)
            answers = await asyncio.gather(
                *(run_mcp(client, "code-review.start", params=CHANGE) for _ in range(EACH)),
                *(run(server, "ana", "code-review.start", params=CHANGE) for _ in range(EACH)),
            )

    assert started["instance"] == REVIEW
    assert {answer["error"] for answer in answers} == {"not-in-state"}
    assert await versions_of(sqlite_url) == [1]
