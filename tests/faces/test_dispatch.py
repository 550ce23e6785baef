"""Calls that are answered before FastMCP sees them get the answers that FastMCP would give."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from itertools import product
from typing import Any

import httpx2

from bylaw.faces.http.app import build_app
from bylaw.faces.mcp.dispatch import Dispatch
from bylaw.faces.mcp.endpoint import McpEndpoints, build
from bylaw.faces.mcp.server import GatewayServer
from bylaw.faces.wire import Front
from bylaw.model.endpoint import Endpoint
from tests.faces.scripted import DENIED, ScriptedDoor, client_of, front, nothing

ERAS = ("2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28", "2099-01-01")
MODERN_META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "a-client", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
METAS: tuple[Any, ...] = (
    MODERN_META,
    {**MODERN_META, "progressToken": "p1"},
    {**MODERN_META, "progressToken": 1.5},
    {**MODERN_META, "io.modelcontextprotocol/protocolVersion": "2025-06-18"},
    {"progressToken": 7},
    {"progressToken": ["no"]},
    {},
    None,
    "text",
)
ASKING = {"name": "enforce", "arguments": {"action": "git.push"}}
CALLS: tuple[dict[str, Any], ...] = (
    ASKING,
    {"name": "run_action", "arguments": {"action": "git.push"}},
    {"name": "enforce"},
    {"name": "enforce", "arguments": None},
    {"name": "enforce", "arguments": {}},
    {"name": "enforce", "arguments": []},
    {"name": "enforce", "arguments": "{}"},
    {"name": "none_such", "arguments": {}},
    {"name": 7, "arguments": {}},
    {"arguments": {}},
    {},
    {**ASKING, "more": 1},
    {**ASKING, "task": {"ttl": 5}},
    {**ASKING, "inputResponses": {}},
    {**ASKING, "requestState": "x"},
)
IDS: tuple[Any, ...] = (1, 0, -3, 2**60, "one", "", None, 1.5, True, [1])
HEADERS: tuple[Mapping[str, str], ...] = (
    {"Mcp-Method": "tools/call", "Mcp-Name": "enforce"},
    {"Mcp-Method": "tools/list", "Mcp-Name": "enforce"},
    {"Mcp-Method": "tools/call", "Mcp-Name": "run_action"},
    {"Mcp-Method": "tools/call"},
    {"Mcp-Name": "enforce"},
    {"Mcp-Method": "TOOLS/CALL", "Mcp-Name": " enforce "},
    {"Mcp-Method": "tools/call", "Mcp-Name": "enforce", "Accept": "application/json"},
    {"Mcp-Method": "tools/call", "Mcp-Name": "enforce", "Accept": "text/event-stream"},
    {"Mcp-Method": "tools/call", "Mcp-Name": "enforce", "Accept": "text/html"},
    {"Mcp-Method": "tools/call", "Mcp-Name": "enforce", "Accept": "*/*"},
    {"Mcp-Method": "tools/call", "Mcp-Name": "enforce", "Mcp-Session-Id": "s"},
    {"Mcp-Method": "tools/call", "Mcp-Name": "enforce", "Mcp-Param-Action": "other"},
)
Call = tuple[Mapping[str, str], dict[str, Any]]


def message(params: Any, **members: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params, **members}


def with_meta(call: Mapping[str, Any], meta: Any) -> dict[str, Any]:
    return {**call, "_meta": meta}


def named(body: Mapping[str, Any]) -> dict[str, str]:
    return {"Mcp-Method": "tools/call", "Mcp-Name": str(body["params"].get("name", ""))}


def calls() -> Iterator[Call]:
    """Yield every call once with every kind of `_meta`, id and header, in all eras."""
    bodies = [message(call) for call in CALLS]
    bodies += [message(with_meta(call, meta)) for call, meta in product(CALLS, METAS)]
    bodies += [message(with_meta(ASKING, MODERN_META), id=one) for one in IDS]
    bodies += [message(ASKING, id=one) for one in IDS]
    notification = message(with_meta(ASKING, MODERN_META))
    del notification["id"]
    cancelled = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}
    for era in ERAS:
        version = {"MCP-Protocol-Version": era}
        yield from (({**version, **named(body)}, body) for body in (*bodies, notification))
        for headers, meta in product(HEADERS, (MODERN_META, {})):
            yield {**version, **headers}, message(with_meta(ASKING, meta))
        yield version, cancelled
    yield {}, message(ASKING)


@asynccontextmanager
async def answering(*, ours: bool) -> AsyncIterator[httpx2.AsyncClient]:
    """Give a client of a server that answers calls before FastMCP, or leaves them to it."""
    door = ScriptedDoor({"run_action": DENIED})
    given = front(door, new_id=lambda: "req_1")

    def make(given: Front, endpoint: Endpoint, version: str) -> GatewayServer:
        server = build(given, endpoint, version)
        inner = server._mcp_server
        inner.middleware[:] = [
            one for one in inner.middleware if ours or not isinstance(one, Dispatch)
        ]
        return server

    mcp = McpEndpoints(given, version="0.1.0", make=make)
    app = build_app(given, mcp=mcp, lifespan=nothing, version="0.1.0")
    async with mcp.running(), client_of(app) as client:
        yield client


async def told(client: httpx2.AsyncClient, call: Call) -> dict[str, Any]:
    headers, body = call
    accepted = {"Accept": "application/json, text/event-stream", **headers}
    answer = await client.post(
        "/mcp",
        content=json.dumps(body),
        headers={
            "Content-Type": "application/json",
            **accepted,
        },
    )
    said = answer.json() if answer.content else None
    return {"call": call, "status": answer.status_code, "said": said}


async def test_every_call_is_answered_as_fastmcp_answers_it() -> None:
    async with answering(ours=True) as quick, answering(ours=False) as slow:
        asked = list(calls())
        ours = [await told(quick, call) for call in asked]
        theirs = [await told(slow, call) for call in asked]

    assert ours == theirs


async def test_the_comparison_sees_answers_and_refusals_of_every_kind() -> None:
    async with answering(ours=True) as quick:
        found = [await told(quick, call) for call in calls()]

    statuses = {one["status"] for one in found}
    codes = {one["said"]["error"]["code"] for one in found if "error" in (one["said"] or {})}
    assert statuses >= {200, 202, 400, 406}
    assert codes >= {-32600, -32602, -32020, -32022}
