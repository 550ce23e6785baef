"""Several endpoints of one real server, asked by FastMCP's own client in both protocol eras."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx2
import pytest
from fastmcp import Client
from mcp.client.client import Client as Listener
from mcp.shared.subscriptions import ToolsListChanged
from mcp_types import Tool

from tests.endpoints import save_endpoints, with_endpoints
from tests.running import CHANGE
from tests.scenario.faces import NEW, Mcp, Rest
from tests.scenario.server import TOKENS, Server, served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

Era = Literal["auto", "legacy"]
ERAS: tuple[Era, ...] = ("auto", "legacy")
WITHIN_S = 20.0
CALM = """
endpoints:
  calm: {path: /calm/mcp, tools: [gateway]}
  reading: {path: /policy/mcp, tools: [gateway], access: user_ro}
"""
ADDED = CALM + "  late: {path: /late/mcp, tools: [git.tag]}\n"
CHANGED = CALM + "  late: {path: /late/mcp, tools: [git.tag, git.push]}\n"
TAG = {"action": "git.tag", "params": {"tag": "nightly"}}


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server whose house stays as it is."""
    folder = tmp_path_factory.mktemp("steady")
    with served(with_endpoints(folder / "house"), f"sqlite:///{folder}/b.db") as found:
        yield found


@pytest.fixture
def server(tmp_path: Path, sqlite_url: str) -> Iterator[Server]:
    with served(with_endpoints(tmp_path / "house"), sqlite_url) as found:
        yield found


def client(server: Server, path: str, era: Era = "auto", who: str = "ana") -> Client[Any]:
    return Client(f"{server.url}{path}", auth=TOKENS[who], mode=era)


async def names(server: Server, path: str, who: str = "ana") -> set[str]:
    async with client(server, path, who=who) as asked:
        return {tool.name for tool in await asked.list_tools()}


async def health(server: Server, path: str = "/health", who: str = "ana") -> httpx2.Response:
    signed = {"Authorization": f"Bearer {TOKENS[who]}"} if who else {}
    async with httpx2.AsyncClient(base_url=server.url, headers=signed) as asked:
        return await asked.get(path)


async def until(holds: Callable[[dict[str, Any]], bool], server: Server) -> None:
    """Wait until the endpoints are as they should be."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            if holds((await health(server)).json()["endpoints"]):
                return


@pytest.mark.parametrize("era", ERAS)
async def test_each_endpoint_has_its_own_tools_and_words(steady: Server, era: Era) -> None:
    async with client(steady, "/review/mcp", era) as review:
        tools = {tool.name: tool for tool in await review.list_tools()}
        said = review.initialize_result
        started = await review.call_tool("start", {**CHANGE, "branch": era})
    async with client(steady, "/policy/mcp", era) as reading:
        eight = {tool.name for tool in await reading.list_tools()}
        refused = await reading.call_tool("run_action", TAG, raise_on_error=False)

    assert tools["start"].input_schema["required"] == [*CHANGE]
    assert tools["submit"].annotations is not None
    assert not tools["submit"].annotations.read_only_hint
    assert said is None or said.instructions == "Only reviews of code."
    assert started.structured_content is not None
    assert started.structured_content["ok"]
    assert len(eight) == 8
    assert refused.is_error
    assert refused.structured_content is not None
    assert refused.structured_content["error"] == "unknown"


async def test_endpoint_and_rest_live_side_by_side(steady: Server) -> None:
    policy = await health(steady, "/policy/commits-and-tags")
    listed = await health(steady, "/policy/mcp")

    assert policy.json()["policy"] == "commits-and-tags"
    assert listed.status_code == 405
    assert listed.json()["error"] == "unknown"


async def test_refusals_are_the_same_on_every_way_in(steady: Server) -> None:
    denied = {"action": "git.tag", "params": {"tag": "v1.2.0"}}
    rest = await Rest(url=steady.url).ask("ana", "run_action", denied)
    main = await Mcp(url=steady.url, era="auto").ask("ana", "run_action", denied)
    async with client(steady, "/git/mcp") as git:
        tool = await git.call_tool("git_tag", denied["params"], raise_on_error=False)

    assert tool.is_error
    assert tool.structured_content is not None
    own = {**tool.structured_content, "next": rest["next"]}
    assert NEW.sub("", str(rest)) == NEW.sub("", str(main))
    assert {name: NEW.sub("", str(own[name])) for name in own} == {
        name: NEW.sub("", str(rest[name])) for name in rest
    }


@pytest.mark.parametrize("era", ERAS)
async def test_tool_that_is_not_granted_is_as_one_that_is_not_there(
    steady: Server, era: Era
) -> None:
    async with client(steady, "/review/mcp", era, who="ci") as asked:
        listed = {tool.name for tool in await asked.list_tools()}
        withheld = await asked.call_tool("approve", {}, raise_on_error=False)
        missing = await asked.call_tool("appruve", {}, raise_on_error=False)

    assert listed == {"finished"}
    assert withheld.structured_content is not None
    assert NEW.sub("", str(withheld.structured_content)) == NEW.sub(
        "", str(missing.structured_content)
    ).replace("appruve", "approve")


async def test_the_gate_stands_before_every_endpoint(steady: Server) -> None:
    async with httpx2.AsyncClient(base_url=steady.url) as asked:
        replies = [
            await asked.post("/git/mcp", json={}, headers={"Host": "evil.example"}),
            await asked.post("/git/mcp", json={}, headers={"Origin": "http://evil.example"}),
            await asked.post("/git/mcp", json={}, headers={"Authorization": "Bearer wrong"}),
            await asked.post("/git/mcp", content=b"[" * 1_100_000),
            await asked.post("/git/mcp", json=[{"jsonrpc": "2.0", "method": "ping", "id": 1}]),
            await asked.post("/gone/mcp", json={}),
        ]

    errors = [reply.json().get("error") for reply in replies]
    assert [reply.status_code for reply in replies] == [403, 403, 401, 413, 400, 404]
    assert errors[:4] == ["denied", "denied", "unauthenticated", "too-large"]
    assert errors[5] == "unknown"


async def test_health_tells_each_endpoint_to_those_who_are_known(steady: Server) -> None:
    whole = (await health(steady)).json()["endpoints"]
    one = await health(steady, "/health/review")
    none = await health(steady, "/health/reviews")
    async with httpx2.AsyncClient(base_url=steady.url) as asked:
        stranger = await asked.get("/health", headers={"Authorization": "Bearer wrong"})
        refused = await asked.get("/health/review", headers={"Authorization": "Bearer wrong"})

    assert whole.keys() == {"main", "review", "reading", "records", "git", "loose"}
    assert whole["review"] == {"path": "/review/mcp", "state": "ready"}
    assert (one.json()["live"], one.json()["ready"]) == (True, True)
    assert (none.status_code, none.json()["error"]) == (404, "unknown")
    assert stranger.status_code == 200
    assert "endpoints" not in stranger.json()
    assert refused.status_code == 401


async def rejected(server: Server) -> dict[str, Any]:
    """Return the health once the files do not load."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            said: dict[str, Any] = (await health(server)).json()
            if said["content"] != "current":
                return said


async def grown(asked: Client[Any]) -> list[Tool]:
    """Return the tools once there is more than one."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            found = await asked.list_tools()
            if len(found) > 1:
                return found


@dataclass
class Load:
    """Calls on endpoints that stay, one after the other, and those that failed."""

    server: Server
    done: int = 0
    failed: list[object] = field(default_factory=list)

    async def on(self, path: str, era: Era, stop: asyncio.Event) -> None:
        async with client(self.server, path, era) as asked:
            while not stop.is_set():
                await self.call(asked)

    async def call(self, asked: Client[Any]) -> None:
        try:
            answer = await asked.call_tool("enforce", TAG, raise_on_error=False)
        except Exception as problem:  # noqa: BLE001 - whatever fails is counted
            self.failed.append(problem)
            return
        self.done += 1
        if answer.is_error or answer.structured_content is None:
            self.failed.append(answer)


@asynccontextmanager
async def loaded(server: Server) -> AsyncIterator[Load]:
    """Call two endpoints in both eras while something else happens."""
    load, stop = Load(server), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for path in ("/calm/mcp", "/policy/mcp", "/mcp"):
            for era in ERAS:
                group.create_task(load.on(path, era, stop))
        yield load
        stop.set()


async def test_endpoints_come_change_and_go_under_load(server: Server) -> None:
    save_endpoints(server.house, CALM)
    await until(lambda found: found.keys() == {"main", "calm", "reading"}, server)

    async with loaded(server) as load:
        save_endpoints(server.house, ADDED)
        await until(lambda found: found.get("late", {}).get("state") == "ready", server)
        async with client(server, "/late/mcp", "legacy") as early:
            added = {tool.name for tool in await early.list_tools()}
            save_endpoints(server.house, CHANGED)
            changed = await grown(early)
        save_endpoints(server.house, CALM)
        await until(lambda found: "late" not in found, server)
        gone = await health(server, "/health/late")
        async with httpx2.AsyncClient(base_url=server.url) as asked:
            reply = await asked.post("/late/mcp", json={})

    assert load.failed == []
    assert load.done > 20
    assert added == {"tag"}
    assert {tool.name for tool in changed} == {"tag", "push"}
    assert (gone.status_code, reply.status_code) == (404, 404)


async def test_news_of_tools_go_to_the_endpoint_whose_tools_changed(server: Server) -> None:
    save_endpoints(server.house, ADDED)
    await until(lambda found: found.get("late", {}).get("state") == "ready", server)
    heard: asyncio.Queue[str] = asyncio.Queue()

    async with asyncio.TaskGroup() as group, asyncio.timeout(WITHIN_S):
        calm = group.create_task(listen(server, "/calm/mcp", heard))
        late = group.create_task(listen(server, "/late/mcp", heard))
        paths = {await heard.get(), await heard.get()}
        save_endpoints(server.house, CHANGED)
        news = await late
        calm_heard = calm.done()
        calm.cancel()

    assert news == ToolsListChanged()
    assert paths == {"/calm/mcp", "/late/mcp"}
    assert not calm_heard


async def listen(server: Server, path: str, heard: asyncio.Queue[str]) -> object:
    """Return the first news of an endpoint; say when it is listened to, and when there is some."""
    async with (
        Listener(f"{server.url}{path}") as asked,
        asked.listen(tools_list_changed=True) as subscription,
    ):
        heard.put_nowait(path)
        return await anext(subscription)


async def test_stream_of_an_endpoint_that_goes_ends(server: Server) -> None:
    save_endpoints(server.house, ADDED)
    await until(lambda found: found.get("late", {}).get("state") == "ready", server)

    async with (
        asyncio.timeout(WITHIN_S),
        Listener(f"{server.url}/late/mcp") as asked,
        asked.listen(tools_list_changed=True) as subscription,
    ):
        save_endpoints(server.house, CALM)
        news = [event async for event in subscription]

    assert [event for event in news if event != ToolsListChanged()] == []


async def test_house_with_broken_endpoints_keeps_the_good_ones(server: Server) -> None:
    save_endpoints(server.house, "endpoints:\n  bad: {path: /action, tools: [gateway]}\n")
    said = await rejected(server)

    assert said["problems"][0]["code"] == "path-taken"
    assert said["problems"][0]["at"].startswith("bylaw.yaml:")
    assert await names(server, "/git/mcp") == {"git_tag", "git_push"}
