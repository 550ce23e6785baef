"""What the list of tools says of the house, and who is told when it says something else."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import rs_bpe
from fastmcp import Client
from mcp.server.subscriptions import ServerEvent, ToolsListChanged

from bylaw.faces.mcp.listing import FIRST, LONGEST_ABOUT, Listing, described
from bylaw.faces.mcp.server import GatewayServer
from bylaw.services.tools import BY_NAME
from tests.faces.scripted import ScriptedDoor, front
from tests.faces.test_mcp import IN_MEMORY


@dataclass
class Content:
    """A house whose description changes."""

    about: str = "The web team."
    looks: list[Callable[[], None]] = field(default_factory=list)

    def becomes(self, about: str) -> None:
        self.about = about
        for look in self.looks:
            look()


@pytest.fixture
def content() -> Content:
    return Content()


@pytest.fixture
def told(content: Content) -> list[ServerEvent]:
    given = front(ScriptedDoor(), about=lambda: content.about, watch=content.looks.append)
    listing = Listing(given, "main")
    given.watch(listing.look)
    news: list[ServerEvent] = []
    listing._bus.subscribe(news.append)
    return news


def test_reload_that_leaves_the_tools_alone_is_no_news(
    content: Content, told: list[ServerEvent]
) -> None:
    content.becomes("The web team.")
    content.becomes("The  web\nteam.")

    assert told == []


def test_each_change_of_the_tools_is_told_once(content: Content, told: list[ServerEvent]) -> None:
    content.becomes("The shop team.")
    content.becomes("The shop team.")
    content.becomes("The web team.")

    assert told == [ToolsListChanged(), ToolsListChanged()]


def test_only_the_first_tool_speaks_of_the_house() -> None:
    text = {name: described(name, "The web team.") for name in BY_NAME}

    assert text.pop(FIRST) == f"{BY_NAME[FIRST].description} This house: The web team."
    assert text == {name: BY_NAME[name].description for name in text}


def test_house_that_says_nothing_of_itself_adds_nothing() -> None:
    assert described(FIRST, " ") == BY_NAME[FIRST].description


async def test_list_of_tools_stays_under_its_budget_however_long_a_house_speaks() -> None:
    given = front(ScriptedDoor(), about=lambda: "Regeln für alle! " * 1_000)
    async with Client(GatewayServer(given, lambda: IN_MEMORY, "0.1.0")) as client:
        listed = await client.list_tools()
    wire = [tool.model_dump(by_alias=True, exclude_none=True) for tool in listed]
    text = json.dumps(wire, separators=(",", ":"), ensure_ascii=False)

    assert len(described(FIRST, "x" * 999)) - len(described(FIRST, "x")) == LONGEST_ABOUT - 1
    assert len(rs_bpe.openai.o200k_base().encode(text)) < 2_500
