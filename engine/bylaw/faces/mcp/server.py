"""The MCP server of one endpoint, over streamable HTTP and stdio, in both protocol eras."""

from collections.abc import Sequence
from typing import Any, cast

from fastmcp import FastMCP
from fastmcp.tools import Tool as McpTool
from fastmcp.utilities.versions import VersionSpec
from mcp.server.lowlevel import NotificationOptions
from mcp.server.stdio import stdio_server
from mcp_types import SubscriptionsListenRequestParams

from bylaw.faces.mcp.dispatch import Dispatch
from bylaw.faces.mcp.lines import Lines
from bylaw.faces.mcp.listing import Listing
from bylaw.faces.mcp.tool import CallerOf, named_tool
from bylaw.faces.wire import Front
from bylaw.model.actor import Actor
from bylaw.model.endpoint import MAIN, Endpoint
from bylaw.services.caller import Caller
from bylaw.services.tools import TOOLS

INSTRUCTIONS = (
    "Bylaw governs what you do here: workflows, policies, approvals. Call get_available_actions "
    "first. Do things with run_action; ask enforce when unsure. A refusal names the rule and "
    "holds the calls to make instead in `next`: copy one, and do not look for a way around."
)


ACTIONS = (
    "Each tool here is an action that Bylaw governs: rules are asked first. A refusal names the "
    "rule and may hold calls that work instead in `next`: copy one, and do not look for a way "
    "around."
)


class GatewayServer(FastMCP[Any]):
    """A FastMCP server of one endpoint; it answers names that are no tools in our shape, too."""

    def __init__(
        self, front: Front, caller_of: CallerOf, version: str, endpoint: Endpoint = MAIN
    ) -> None:
        """Serve an endpoint; which tools it has is asked of the live house with every call."""
        own = INSTRUCTIONS if endpoint.gateway else ACTIONS
        super().__init__(
            "bylaw" if endpoint.name == MAIN.name else f"bylaw-{endpoint.name}",
            endpoint.instructions or own,
            version=version,
            mask_error_details=True,
            dereference_schemas=False,
        )
        self._front = front
        self._caller_of = caller_of
        self.listing = Listing(front, endpoint.name)
        tune(self, front, title=endpoint.title)

    async def list_tools(self, *, run_middleware: bool = True) -> Sequence[McpTool]:  # noqa: ARG002 - none is there
        """Return the tools that are there for the caller."""
        return self.listing.tools(self._caller_of)

    async def get_tool(self, name: str, version: VersionSpec | None = None) -> McpTool:  # noqa: ARG002 - one version
        """Return a tool; every name is answered, and there is no other way to find one."""
        return named_tool(self._front, name, self._caller_of)


def tune(server: GatewayServer, front: Front, *, title: str) -> None:
    """Set in the SDK's server what FastMCP has no settings for.

    Calls of tools over HTTP are answered before all else. The schema of one tool, so that a
    call does not list all tools to find it (the real one: the checks of `Mcp-Param-*` headers
    read it; actions have none of those headers, and their schemas are not for everybody). News of
    the list of tools for the clients of the newer era, which listen on a stream of their own; to
    older ones no promise of any, since nothing would carry it.
    """
    schemas = {tool.name: tool.schema() for tool in TOOLS}
    inner = server._mcp_server  # noqa: SLF001 - there is no public way to it
    inner.title = title or None
    inner.get_tool_input_schema = schemas.get
    inner.notification_options = NotificationOptions()
    listen = server.listing.listen
    inner.add_request_handler("subscriptions/listen", SubscriptionsListenRequestParams, listen)
    inner.middleware.insert(0, Dispatch(front, inner.server_info_stamp))


async def run_stdio(front: Front, actor: Actor, *, version: str) -> None:
    """Answer one client on standard input and output, which has one identity, until it leaves."""

    def caller() -> Caller:
        return Caller(
            actor=actor, scope=front.scope, endpoint="stdio", correlation_id=front.new_id()
        )

    server = GatewayServer(front, caller, version)
    front.watch(server.listing.look)
    inner = server._mcp_server  # noqa: SLF001 - FastMCP reads standard input by itself alone
    lifespan = server._lifespan_manager()  # noqa: SLF001 - and opens this only where it does so
    lines = Lines(front)
    async with lifespan, stdio_server(stdin=cast("Any", lines)) as streams:
        read, lines.writer = streams
        await inner.run(read, lines.writer, inner.create_initialization_options())
