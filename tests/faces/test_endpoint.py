"""Endpoints that come, change and go in one process, and one that cannot be opened."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from bylaw.base.plain import Plain
from bylaw.faces.http.app import build_app
from bylaw.faces.mcp.endpoint import McpEndpoints, build
from bylaw.faces.mcp.server import GatewayServer
from bylaw.faces.wire import Front
from bylaw.model.endpoint import MAIN, Endpoint
from bylaw.services.answer import Answer
from bylaw.services.caller import Caller
from tests.faces.scripted import OnlyMain, ScriptedDoor, client_of, front, nothing

OTHER = Endpoint(name="other", path="/other/mcp", gateway=True)
HEADERS = {
    "Accept": "application/json, text/event-stream",
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": "tools/call",
    "Mcp-Name": "enforce",
}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "enforce", "arguments": {"action": "a"}, "_meta": META},
}


class Live(OnlyMain):
    """A house whose endpoints change."""

    def __init__(self, *endpoints: Endpoint) -> None:
        self.endpoints = {one.name: one for one in endpoints}
        self.looks: list[Callable[[], None]] = []

    def live(self) -> Mapping[str, Endpoint]:
        return self.endpoints

    def become(self, *endpoints: Endpoint) -> None:
        self.endpoints = {one.name: one for one in endpoints}
        for look in self.looks:
            look()


class HeldDoor(ScriptedDoor):
    """A door that answers `enforce` only once it may."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_for = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def call(self, tool: str, arguments: Mapping[str, Plain], caller: Caller) -> Answer:
        self.asked_for.set()
        await self.may_answer.wait()
        return await super().call(tool, arguments, caller)


@dataclass
class Building:
    """Builds endpoints, but for those that it is told not to."""

    broken: set[str] = field(default_factory=set)
    built: list[str] = field(default_factory=list)

    def __call__(self, given: Front, endpoint: Endpoint, version: str) -> GatewayServer:
        self.built.append(endpoint.name)
        if endpoint.name in self.broken:
            raise OSError("it is not there")
        return build(given, endpoint, version)


@asynccontextmanager
async def served(
    live: Live, door: ScriptedDoor | None = None, make: Building | None = None
) -> AsyncIterator[httpx2.AsyncClient]:
    given = front(door or ScriptedDoor(), desk=live, watch=live.looks.append)
    make = make or Building()
    endpoints = McpEndpoints(given, version="0.1.0", make=make, retry_s=0.01)
    app = build_app(given, mcp=endpoints, lifespan=nothing, version="0.1.0")
    async with endpoints.running(), client_of(app) as client:
        yield client


async def called(client: httpx2.AsyncClient, path: str) -> httpx2.Response:
    return await client.post(path, json=CALL, headers=HEADERS)


async def well(client: httpx2.AsyncClient, path: str) -> httpx2.Response:
    """Return the first answer of an endpoint that is ready."""
    while True:
        reply = await called(client, path)
        if reply.status_code != 503:
            return reply
        # Nothing here waits for anything outside: let the endpoint have its turn.
        await asyncio.sleep(0)


def said(reply: httpx2.Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(reply.json()["result"]["content"][0]["text"])
    return found


async def test_call_comes_with_the_endpoint_at_which_it_came_in() -> None:
    door = ScriptedDoor()
    async with served(Live(MAIN, OTHER), door) as client:
        await called(client, "/other/mcp")
        await called(client, "/mcp")

    assert [(caller.endpoint, caller.at) for _, _, caller in door.asked] == [
        ("other", OTHER),
        ("main", MAIN),
    ]


async def test_endpoint_that_cannot_be_opened_hurts_no_other() -> None:
    make = Building(broken={"other"})
    async with served(Live(MAIN, OTHER), make=make) as client:
        good = await called(client, "/mcp")
        bad = await called(client, "/other/mcp")
        health = await client.get("/health/other")
        whole = await client.get("/health")

    assert said(good)["ok"]
    assert (bad.status_code, bad.json()["error"]) == (503, "unavailable")
    assert "it is not there" not in bad.text
    assert (health.status_code, health.json()["live"]) == (503, False)
    assert whole.json()["endpoints"]["other"]["state"] == "degraded"
    assert whole.json()["endpoints"]["main"]["state"] == "ready"
    assert whole.status_code == 200


async def test_endpoint_that_cannot_be_opened_is_tried_again_by_itself() -> None:
    make = Building(broken={"other"})
    async with served(Live(MAIN, OTHER), make=make) as client:
        make.broken.clear()
        async with asyncio.timeout(20):
            reply = await well(client, "/other/mcp")

    assert said(reply)["ok"]
    assert make.built.count("other") > 1


async def test_endpoint_that_stays_is_not_opened_again() -> None:
    live, make = Live(MAIN), Building()
    async with served(live, make=make) as client:
        live.become(MAIN, OTHER)
        added = await called(client, "/other/mcp")
        live.become(MAIN, Endpoint(name="other", path="/moved/mcp", gateway=True))
        moved = await called(client, "/moved/mcp")
        left = await called(client, "/other/mcp")
        live.become(MAIN)
        gone = await called(client, "/moved/mcp")

    assert make.built == ["main", "other"]
    assert [one.status_code for one in (added, moved, left, gone)] == [200, 200, 404, 404]
    assert gone.json()["error"] == "unknown"


async def test_request_under_way_ends_though_its_endpoint_is_gone() -> None:
    live, door = Live(MAIN, OTHER), HeldDoor()
    async with served(live, door) as client:
        under_way = asyncio.create_task(called(client, "/other/mcp"))
        await door.asked_for.wait()
        live.become(MAIN)
        gone = await called(client, "/other/mcp")
        door.may_answer.set()
        reply = await under_way

    assert gone.status_code == 404
    assert said(reply)["ok"]


async def test_other_words_for_clients_open_an_endpoint_anew() -> None:
    live, make = Live(MAIN, OTHER), Building()
    async with served(live, make=make) as client:
        live.become(MAIN, Endpoint(name="other", path=OTHER.path, gateway=True, title="New"))
        reply = await called(client, "/other/mcp")

    assert said(reply)["ok"]
    assert reply.json()["result"]["_meta"]["io.modelcontextprotocol/serverInfo"]["title"] == "New"
    assert make.built == ["main", "other", "other"]


async def test_tools_of_the_gateway_are_only_where_it_is() -> None:
    live = Live(MAIN, Endpoint(name="other", path=OTHER.path))
    async with served(live) as client:
        refused = await called(client, "/other/mcp")

    assert said(refused)["error"] == "unknown"
    assert refused.json()["result"]["isError"]
