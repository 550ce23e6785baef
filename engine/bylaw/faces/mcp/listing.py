"""What `tools/list` says, and telling those who listen when a reload makes it say something else.

There is a stream for that in the newer protocol era alone, `subscriptions/listen`; older clients
are promised nothing. Each process tells its own clients: it watches the files itself.
"""

from collections.abc import Callable, Sequence

from mcp.server.subscriptions import ListenHandler, ServerEvent, ToolsListChanged

from bylaw.faces.mcp.tool import GatewayTool
from bylaw.faces.wire import Front
from bylaw.services.tools import BY_NAME

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
    """The list of tools as the live house has it; `listen` serves the streams."""

    def __init__(self, tools: Sequence[GatewayTool], front: Front) -> None:
        """Describe these tools now, and again after each reload."""
        self._tools = tools
        self._about = front.about
        self._bus = Bus()
        self.listen = ListenHandler(self._bus, max_subscriptions=MOST_LISTENERS)
        self.look()
        front.watch(self.look)

    def look(self) -> None:
        """Describe the tools by what is live; tell everybody if that says something else."""
        about = self._about()
        texts = [described(tool.name, about) for tool in self._tools]
        if texts == [tool.description for tool in self._tools]:
            return
        for tool, text in zip(self._tools, texts, strict=True):
            tool.description = text
        self._bus.tell(ToolsListChanged())


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
