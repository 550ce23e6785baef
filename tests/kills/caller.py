"""The clients: REST through httpx2 and MCP through FastMCP's own, until they are told to stop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx2
from fastmcp import Client
from fastmcp.exceptions import ToolError
from mcp import MCPError

from tests.kills.plan import Answer, Op, Plan

TOKENS = {name: f"token-of-{name}-0123456789" for name in ("ana", "bob")}
ROUTES = {"run_action": "/action", "trigger_event": "/event"}
# What a client notices of a server that was killed.
GONE = (httpx2.HTTPError, MCPError, ToolError, OSError, RuntimeError, TimeoutError)
# A client that hears nothing for so long takes the server for dead.
PATIENCE_S = 15.0
# So many calls are sent twice at the same moment.
DOUBLE = 0.05
AGAIN_S = 0.02
# What a client waits when the server says that its store is down.
DOWN_S = 0.05

Ask = Callable[[Op], Awaitable[Answer]]
Face = Callable[[str, str], AbstractAsyncContextManager[Ask]]


@asynccontextmanager
async def rest(url: str, actor: str) -> AsyncIterator[Ask]:
    """Open a client of the REST routes."""
    signed = {"Authorization": f"Bearer {TOKENS[actor]}"}
    async with httpx2.AsyncClient(base_url=url, headers=signed, timeout=PATIENCE_S) as client:

        async def ask(op: Op) -> Answer:
            body = dict(op.arguments)
            path = ROUTES.get(op.tool) or f"/context/{body.pop('key')}"
            found: Answer = (await client.post(path, json=body)).json()
            return found

        yield ask


@asynccontextmanager
async def mcp(url: str, actor: str) -> AsyncIterator[Ask]:
    """Open a client of the MCP endpoint."""
    async with Client(f"{url}/mcp", auth=TOKENS[actor], timeout=PATIENCE_S) as client:

        async def ask(op: Op) -> Answer:
            found: Any = await client.call_tool(op.tool, op.arguments, raise_on_error=False)
            if found.structured_content is None:
                raise ToolError("no answer")
            return dict(found.structured_content)

        yield ask


async def stream(face: Face, url: Callable[[], str], *, actor: str, plan: Plan) -> None:
    """Send one call after the other until cancelled; a lost connection is opened anew."""
    while True:
        try:
            async with face(url(), actor) as ask:
                while True:
                    if not await send(ask, plan, actor):
                        await asyncio.sleep(DOWN_S)
        except GONE:
            await asyncio.sleep(AGAIN_S)
        except BaseExceptionGroup as group:
            if group.split(GONE)[1] is not None:
                raise
            await asyncio.sleep(AGAIN_S)


async def send(ask: Ask, plan: Plan, actor: str) -> bool:
    """Send the next call, or the same call twice at the same moment; say whether all is well."""
    op = plan.next(actor)
    double = op.key is not None and plan.rng.random() < DOUBLE
    await asyncio.gather(*(once(ask, op) for _ in range(1 + double)))
    return all(answer.get("error") != "unavailable" for answer in op.answers)


async def once(ask: Ask, op: Op) -> None:
    """Send a call and keep what comes back."""
    op.sent += 1
    op.answers.append(await ask(op))
