"""The MCP server: the eight tools, over streamable HTTP and stdio, in both protocol eras."""

from collections.abc import Mapping
from typing import Any, cast

from fastmcp import FastMCP
from fastmcp.server.dependencies import get_http_request
from fastmcp.tools import Tool as McpTool
from fastmcp.utilities.versions import VersionSpec
from mcp.server.lowlevel import NotificationOptions
from mcp.server.stdio import stdio_server
from mcp_types import SubscriptionsListenRequestParams
from starlette.applications import Starlette

from bylaw.faces.mcp.dispatch import Dispatch
from bylaw.faces.mcp.lines import Lines
from bylaw.faces.mcp.listing import Listing
from bylaw.faces.mcp.tool import CallerOf, GatewayTool, gateway_tool, unknown_tool
from bylaw.faces.wire import Front
from bylaw.model.actor import Actor
from bylaw.services.caller import Caller
from bylaw.services.tools import TOOLS

INSTRUCTIONS = (
    "Bylaw governs what you do here: workflows, policies, approvals. Call get_available_actions "
    "first. Do things with run_action; ask enforce when unsure. A refusal names the rule and "
    "holds the calls to make instead in `next`: copy one, and do not look for a way around."
)


class GatewayServer(FastMCP[Any]):
    """A FastMCP server whose tools are the eight, and that answers unknown ones in our shape."""

    def __init__(self, front: Front, caller_of: CallerOf, version: str) -> None:
        """Make the tools."""
        tools = [gateway_tool(front, tool, caller_of) for tool in TOOLS]
        super().__init__(
            "bylaw",
            INSTRUCTIONS,
            version=version,
            tools=tools,
            mask_error_details=True,
            dereference_schemas=False,
        )
        self._front = front
        self._caller_of = caller_of
        self._ours: Mapping[str, GatewayTool] = {tool.name: tool for tool in tools}
        self.listing = Listing(tools, front)
        tune(self, front)

    async def get_tool(self, name: str, version: VersionSpec | None = None) -> McpTool:  # noqa: ARG002 - one version
        """Return a tool; there is one for every name, and no other way to find one."""
        return self._ours.get(name) or unknown_tool(self._front, name, self._caller_of)


def tune(server: GatewayServer, front: Front) -> None:
    """Set in the SDK's server what FastMCP has no settings for.

    Calls of our tools over HTTP are answered before all else. The schema of one tool, so that a
    call does not list all tools to find it (the real one: the checks of `Mcp-Param-*` headers
    read it). News of the list of tools for the clients of the newer era, which listen on a
    stream of their own; to older ones no promise of any, since nothing would carry it.
    """
    schemas = {tool.name: tool.schema() for tool in TOOLS}
    inner = server._mcp_server  # noqa: SLF001 - there is no public way to it
    inner.get_tool_input_schema = schemas.get
    inner.notification_options = NotificationOptions()
    listen = server.listing.listen
    inner.add_request_handler("subscriptions/listen", SubscriptionsListenRequestParams, listen)
    inner.middleware.insert(0, Dispatch(front, inner.server_info_stamp))


def http_caller() -> Caller:
    """Return whom the gate let through."""
    return cast("Caller", get_http_request().scope["state"]["caller"])


def http_server(front: Front, *, version: str) -> Starlette:
    """Return the MCP app for `/mcp`; the gate before it checks Host, Origin and identity.

    `end_streams` in its state ends those that would otherwise hold up the end of the server.
    """
    server = GatewayServer(front, http_caller, version)
    app = server.http_app(
        path="/mcp", stateless_http=True, json_response=True, host_origin_protection=False
    )
    app.state.end_streams = server.listing.listen.close
    return app


async def run_stdio(front: Front, actor: Actor, *, version: str) -> None:
    """Answer one client on standard input and output, which has one identity, until it leaves."""

    def caller() -> Caller:
        return Caller(
            actor=actor, scope=front.scope, endpoint="stdio", correlation_id=front.new_id()
        )

    server = GatewayServer(front, caller, version)
    inner = server._mcp_server  # noqa: SLF001 - FastMCP reads standard input by itself alone
    lines = Lines(front)
    async with server._lifespan_manager(), stdio_server(stdin=cast("Any", lines)) as streams:  # noqa: SLF001
        read, lines.writer = streams
        await inner.run(read, lines.writer, inner.create_initialization_options())
