"""A client that listens hears of tools that changed, and only then."""

import asyncio
from pathlib import Path

import pytest
from mcp.client.client import Client
from mcp.client.subscriptions import Subscription
from mcp.shared.subscriptions import ToolsListChanged

from tests.storm.run import Asked, stormy
from tests.storm.saving import Saver

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

HEARS_S = 20.0


def say(saver: Saver, about: str) -> None:
    """Save another description of the house."""
    file = saver.house / "bylaw.yaml"
    lines = file.read_text().splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("description:"))
    file.write_text("\n".join([*lines[:at], f"description: {about}", *lines[at + 1 :], ""]))


async def heard(subscription: Subscription) -> object:
    """Return the next news."""
    async with asyncio.timeout(HEARS_S):
        return await anext(subscription)


async def description(asked: Asked) -> str:
    """Return what the tools say of themselves now, as a new client lists them."""
    async with Client(f"{asked.server.url}/mcp") as client:
        listed = await client.list_tools()
    return str(listed.tools[0].description)


async def test_client_hears_of_tools_that_changed_and_only_then(
    tmp_path: Path, sqlite_url: str
) -> None:
    with stormy(tmp_path, sqlite_url, seed=8, environ={}) as (asked, saver):
        before = await description(asked)
        async with Client(f"{asked.server.url}/mcp") as client:
            async with client.listen(tools_list_changed=True) as subscription:
                shown = [asked.wait(saved) for saved in saver.plan(8)]
                say(saver, "The web team's rules.")
                first = await heard(subscription)
                after = await description(asked)
                say(saver, "The web team's rules, from today on.")
                second = await heard(subscription)
            capability = client.server_capabilities.tools

    assert None not in shown
    assert (first, second) == (ToolsListChanged(), ToolsListChanged())
    assert "The web team" not in before
    assert after.endswith("This house: The web team's rules.")
    assert capability is not None
    assert capability.list_changed


async def test_end_of_the_server_ends_the_stream_and_is_not_held_up(
    tmp_path: Path, sqlite_url: str
) -> None:
    with stormy(tmp_path, sqlite_url, seed=9, environ={}) as (asked, _):
        async with Client(f"{asked.server.url}/mcp") as client:
            async with client.listen(tools_list_changed=True) as subscription:
                ending = asyncio.create_task(asyncio.to_thread(asked.server.stop))
                async with asyncio.timeout(HEARS_S):
                    news = [event async for event in subscription]
            await ending
        log = (tmp_path / "log").read_text()

    assert news == []
    assert "cut off" not in log
