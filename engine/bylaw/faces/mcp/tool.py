"""One gateway tool as FastMCP carries it: arguments pass unread, the door checks them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from fastmcp.tools import Tool as McpTool
from fastmcp.tools import ToolResult
from mcp_types import TextContent, ToolAnnotations
from pydantic import PrivateAttr

from bylaw.base.names import did_you_mean
from bylaw.base.plain import Plain
from bylaw.faces.wire import INTERNAL, Front, encode
from bylaw.services.answer import Answer
from bylaw.services.caller import Caller
from bylaw.services.tools import BY_NAME, OUTPUT_SCHEMA, Tool

log = structlog.get_logger(__name__)

# Who calls: on HTTP whom the gate let through, on stdio always the same one.
CallerOf = Callable[[], Caller]
Call = Callable[[Mapping[str, Plain]], Awaitable[ToolResult]]


class GatewayTool(McpTool):
    """A tool whose call is handed on as it came."""

    _call: Call = PrivateAttr()

    @classmethod
    def made(cls, call: Call, **described: Any) -> "GatewayTool":
        """Return a tool that answers with `call`."""
        tool = cls(**described)
        tool._call = call
        return tool

    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        """Answer one call."""
        return await self._call(arguments)


def gateway_tool(front: Front, tool: Tool, caller_of: CallerOf) -> GatewayTool:
    """Return one of the eight tools."""

    async def call(arguments: Mapping[str, Plain]) -> ToolResult:
        answer = await answered(front, tool, arguments, caller_of())
        return result(answer, is_error=is_error(tool, answer))

    return GatewayTool.made(
        call,
        name=tool.name,
        title=tool.title,
        description=tool.description,
        parameters=tool.schema(),
        output_schema=OUTPUT_SCHEMA,
        annotations=ToolAnnotations.model_validate(tool.annotations()),
    )


async def answered(
    front: Front, tool: Tool, arguments: Mapping[str, Plain], caller: Caller
) -> Answer:
    """Return what the door answers to a call; it raises nothing."""
    try:
        return await front.door.call(tool.name, arguments, caller)
    except Exception:
        # The last line of defence: the caller learns nothing of the inside.
        log.exception("call failed", tool=tool.name, correlation_id=caller.correlation_id)
        return front.refused("internal", INTERNAL, call_id=caller.correlation_id)


def unknown_tool(front: Front, name: str, caller_of: CallerOf) -> GatewayTool:
    """Return a tool that is not there: it answers so, in the one shape."""

    async def call(_arguments: Mapping[str, Plain]) -> ToolResult:
        tools = ", ".join(f"`{one}`" for one in BY_NAME)
        hint = did_you_mean(name, BY_NAME).capitalize()
        text = " ".join(
            filter(None, (f"There is no tool `{name[:80]}`.", hint, f"There are {tools}."))
        )
        answer = front.refused("unknown", text, call_id=caller_of().correlation_id)
        return result(answer, is_error=True)

    return GatewayTool.made(call, name="unknown", parameters={"type": "object"})


def is_error(tool: Tool, answer: Answer) -> bool:
    """Say whether an answer is an error to clients: something was to be done and was not.

    Some clients hide one half of an error from the model; both halves say the same. A refusal
    of a question is an answer, and so is a request for approval that was made.
    """
    refused = not answer.get("ok") and answer.get("error") != "needs-approval"
    return refused and not tool.read_only


def result(answer: Answer, *, is_error: bool) -> ToolResult:
    """Return an answer with the same JSON as text and as structured content."""
    content = [TextContent(type="text", text=encode(answer))]
    return ToolResult(content=content, structured_content=answer, is_error=is_error)
