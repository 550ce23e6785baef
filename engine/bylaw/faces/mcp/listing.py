"""What `tools/list` says, and telling those who listen when a reload makes it say something else.

There is a stream for that in the newer protocol era alone, `subscriptions/listen`; older clients
are promised nothing. Each process tells its own clients: it watches the files itself.
"""

from collections.abc import Callable, Mapping, Sequence

from mcp.server.subscriptions import ListenHandler, ServerEvent, ToolsListChanged

from bylaw.base.plain import digest
from bylaw.faces.mcp.tool import CallerOf, GatewayTool, action_tool, gateway_tool
from bylaw.faces.wire import Front
from bylaw.services.endpoint_tool import ActionTool
from bylaw.services.tools import BY_NAME, TOOLS, Tool

# The tool that a model is told to call first says what the house is about.
FIRST = "get_available_actions"
# Every model reads it with every task: so many characters at most.
LONGEST_ABOUT = 200
MOST_LISTENERS = 256


class Bus:
    """Carries the news to the open streams of this process."""

    def __init__(self) -> None:
        """Begin with nobody listening."""
        self._listeners: dict[object, Callable[[ServerEvent], None]] = {}

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Callable[[], None]:
        """Add a listener, and return what removes it again."""
        key = object()
        self._listeners[key] = listener

        def unsubscribe() -> None:
            self._listeners.pop(key, None)

        return unsubscribe

    def tell(self, event: ServerEvent) -> None:
        """Hand an event to everybody who listens; nobody is waited for."""
        for listener in list(self._listeners.values()):
            listener(event)

    async def publish(self, event: ServerEvent) -> None:
        """Do the same, as the SDK calls it."""
        self.tell(event)


class Listing:
    """The list of tools of one endpoint as the live house has it; `listen` serves the streams."""

    def __init__(self, front: Front, endpoint: str) -> None:
        """Remember what the list says now; `look` compares."""
        self._front = front
        self._endpoint = endpoint
        self._bus = Bus()
        # Tools as the library has them, by what they are made of; of one house.
        self._made: dict[object, GatewayTool] = {}
        self._seen: Mapping[str, Sequence[ActionTool]] = {}
        self._own: dict[str, str] = {}
        self._said: Mapping[str, str] = self._says()
        self.listen = ListenHandler(self._bus, max_subscriptions=MOST_LISTENERS)

    def tools(self, caller_of: CallerOf) -> list[GatewayTool]:
        """Return the tools that are there for a caller: the eight, then its actions.

        `caller_of` is the same at every call.
        """
        caller = caller_of()
        eight = TOOLS if caller.at is None or caller.at.gateway else ()
        there: list[Tool | ActionTool] = [*eight, *self._front.desk.tools(caller)]
        return [self._made.get(tool) or self._make(tool, caller_of) for tool in there]

    def _make(self, tool: Tool | ActionTool, caller_of: CallerOf) -> GatewayTool:
        if isinstance(tool, ActionTool):
            made = action_tool(self._front, tool, caller_of)
        else:
            text = described(tool.name, self._front.about())
            made = gateway_tool(self._front, tool, caller_of, text)
        return self._made.setdefault(tool, made)

    def look(self) -> None:
        """Tell everybody who listens if somebody's list says something else since the last look.

        Who is new or gone has heard nothing before; for them nothing changed.
        """
        self._made.clear()
        before, self._said = self._said, self._says()
        if any(before[who] != self._said[who] for who in before.keys() & self._said.keys()):
            self._bus.tell(ToolsListChanged())

    def _says(self) -> dict[str, str]:
        """Return what the lists say, by who sees them; those of the eight are alike."""
        endpoint = self._front.desk.live().get(self._endpoint)
        if endpoint is None:
            return {}
        eight = described(FIRST, self._front.about()) if endpoint.gateway else ""
        seen = self._front.desk.seen(endpoint)
        if seen is not self._seen:
            self._seen, self._own = seen, digests(seen)
        return {"": eight, **self._own}


def digests(seen: Mapping[str, Sequence[ActionTool]]) -> dict[str, str]:
    """Return the digest of everybody's tools."""
    words = {
        tool: digest([tool.name, tool.description, tool.schema(), tool.annotations()])
        for tool in {tool for tools in seen.values() for tool in tools}
    }
    return {who: digest([words[tool] for tool in tools]) for who, tools in seen.items()}


def described(name: str, about: str) -> str:
    """Return what a tool says of itself in a house.

    Of the house it says what `description` in `bylaw.yaml` says, and no names of what is in
    it: the list is the same for every caller, and not everything is granted to each.
    """
    text = BY_NAME[name].description
    line = " ".join(about.split())
    if name != FIRST or not line:
        return text
    short = line if len(line) <= LONGEST_ABOUT else f"{line[: LONGEST_ABOUT - 1]}…"
    return f"{text} This house: {short}"
