"""Calls of our tools over HTTP, answered before FastMCP takes them up as calls of any tool.

FastMCP's way through a call (spans, contexts, a chain of middleware, models of the answer) costs
more than all that a call does here. Whatever is not plainly such a call goes FastMCP's way.
"""

from collections.abc import Mapping
from typing import Any, cast

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp_types import SERVER_INFO_META_KEY

from bylaw.base.plain import Plain
from bylaw.faces.mcp.tool import answered, is_error
from bylaw.faces.wire import Front, encode
from bylaw.services.answer import Answer
from bylaw.services.caller import Caller

PLAIN = frozenset({"name", "arguments", "_meta"})
# Older clients know no structured content, newer ones a result's type and its server.
FIRST, MODERN = "2025-06-18", "2026-07-28"


class Dispatch:
    """Stands before FastMCP's own middleware."""

    def __init__(self, front: Front, info: Mapping[str, Plain]) -> None:
        """Answer through this front; `info` is what modern answers say of the server."""
        self._front = front
        self._modern: Mapping[str, Plain] = {
            "resultType": "complete",
            "_meta": {SERVER_INFO_META_KEY: dict(info)},
        }

    async def __call__(
        self, ctx: ServerRequestContext[Any, Any], call_next: CallNext
    ) -> HandlerResult:
        """Answer a plain call of a tool; hand all else on."""
        name = name_of(ctx)
        if name is None or ctx.params is None:
            return await call_next(ctx)
        arguments, caller = ctx.params.get("arguments") or {}, caller_of(ctx)
        answer = await answered(self._front, name, arguments, caller)
        said = wired(answer, is_error=is_error(name, answer, caller))
        return {**said, **self._modern} if ctx.protocol_version >= MODERN else said


def name_of(ctx: ServerRequestContext[Any, Any]) -> str | None:
    """Return the name of the tool that is plainly called, and over HTTP."""
    params = ctx.params
    if ctx.method != "tools/call" or params is None or ctx.request is None:
        return None
    if ctx.request_id is None or ctx.protocol_version < FIRST or not PLAIN.issuperset(params):
        return None
    name, arguments = params.get("name"), params.get("arguments")
    well_formed = arguments is None or isinstance(arguments, dict)
    if not isinstance(name, str) or not well_formed or ("_meta" in params and ctx.meta is None):
        return None
    return name


def caller_of(ctx: ServerRequestContext[Any, Any]) -> Caller:
    """Return whom the gate let through."""
    request: Any = ctx.request
    return cast("Caller", request.scope["state"]["caller"])


def wired(answer: Answer, *, is_error: bool) -> dict[str, Plain]:
    """Return an answer as the protocol has it: the same JSON as text and as structure."""
    return {
        "content": [{"type": "text", "text": encode(answer)}],
        "structuredContent": answer,
        "isError": is_error,
    }
