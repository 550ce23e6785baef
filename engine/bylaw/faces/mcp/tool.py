"""One tool as FastMCP carries it: arguments pass unread, the door or the desk checks them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from fastmcp.tools import Tool as McpTool
from fastmcp.tools import ToolResult
from mcp_types import TextContent, ToolAnnotations
from pydantic import PrivateAttr

from bylaw.base.plain import Plain
from bylaw.faces.wire import INTERNAL, Front, encode
from bylaw.services.answer import Answer
from bylaw.services.caller import Caller
from bylaw.services.endpoint_tool import ActionTool
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


def calling(front: Front, name: str, caller_of: CallerOf) -> Call:
    """Return what answers calls of a tool, also of one that is not there."""

    async def call(arguments: Mapping[str, Plain]) -> ToolResult:
        caller = caller_of()
        answer = await answered(front, name, arguments, caller)
        return result(answer, is_error=is_error(name, answer, caller))

    return call


def gateway_tool(front: Front, tool: Tool, caller_of: CallerOf, description: str) -> GatewayTool:
    """Return one of the eight tools."""
    return GatewayTool.made(
        calling(front, tool.name, caller_of),
        name=tool.name,
        title=tool.title,
        description=description,
        parameters=tool.schema(),
        output_schema=OUTPUT_SCHEMA,
        annotations=ToolAnnotations.model_validate(tool.annotations()),
    )


def action_tool(front: Front, tool: ActionTool, caller_of: CallerOf) -> GatewayTool:
    """Return an action as a tool."""
    return GatewayTool.made(
        calling(front, tool.name, caller_of),
        name=tool.name,
        title=tool.action.name,
        description=tool.description,
        parameters=tool.schema(),
        output_schema=OUTPUT_SCHEMA,
        annotations=ToolAnnotations.model_validate(tool.annotations()),
    )


def named_tool(front: Front, name: str, caller_of: CallerOf) -> GatewayTool:
    """Return what answers to a name, whether there is such a tool or not."""
    call = calling(front, name, caller_of)
    return GatewayTool.made(call, name="named", parameters={"type": "object"})


def of_gateway(name: str, caller: Caller) -> Tool | None:
    """Return the tool of the gateway of this name, if there are such where the caller came in."""
    return BY_NAME.get(name) if caller.at is None or caller.at.gateway else None


async def answered(
    front: Front, name: str, arguments: Mapping[str, Plain], caller: Caller
) -> Answer:
    """Return what is answered to a call; it raises nothing."""
    try:
        if of_gateway(name, caller) is not None:
            return await front.door.call(name, arguments, caller)
        return await front.desk.call(name, arguments, caller)
    except Exception:
        # The last line of defence: the caller learns nothing of the inside.
        log.exception("call failed", tool=name, correlation_id=caller.correlation_id)
        return front.refused("internal", INTERNAL, call_id=caller.correlation_id)


def is_error(name: str, answer: Answer, caller: Caller) -> bool:
    """Say whether an answer is an error to clients: something was to be done and was not.

    Some clients hide one half of an error from the model; both halves say the same. A refusal
    of a question is an answer, and so is a request for approval that was made.
    """
    refused = not answer.get("ok") and answer.get("error") != "needs-approval"
    tool = of_gateway(name, caller)
    return refused and (tool is None or not tool.read_only)


def result(answer: Answer, *, is_error: bool) -> ToolResult:
    """Return an answer with the same JSON as text and as structured content."""
    content = [TextContent(type="text", text=encode(answer))]
    return ToolResult(content=content, structured_content=answer, is_error=is_error)
