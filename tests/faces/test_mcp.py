"""The MCP face, asked by FastMCP's own client in both protocol eras."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from fastmcp import Client
from fastmcp.client.client import CallToolResult
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport
from mcp_types import TextContent

from bylaw.faces.mcp.server import GatewayServer
from bylaw.services.caller import Caller
from bylaw.services.tools import BY_NAME, OUTPUT_SCHEMA, TOOLS
from tests.faces.scripted import ANA, DENIED, ScriptedDoor, app_of, front, serving

ROOT = Path(__file__).parents[2]
Era = Literal["auto", "legacy"]
ERAS: tuple[Era, ...] = ("auto", "legacy")
IN_MEMORY = Caller(actor=ANA, scope="main", endpoint="/mcp", correlation_id="req_1")


@asynccontextmanager
async def asking(door: ScriptedDoor, era: Era = "auto") -> AsyncIterator[Client[Any]]:
    server = GatewayServer(front(door), lambda: IN_MEMORY, "0.1.0")
    async with Client(server, mode=era) as client:
        yield client


def text_of(answer: CallToolResult) -> str:
    content = answer.content[0]
    assert isinstance(content, TextContent)
    return content.text


@pytest.mark.parametrize("era", ERAS)
async def test_the_eight_tools_are_listed_in_order_with_their_hints(era: Era) -> None:
    async with asking(ScriptedDoor(), era) as client:
        listed = await client.list_tools()

    assert [tool.name for tool in listed] == [tool.name for tool in TOOLS]
    assert [tool.input_schema for tool in listed] == [tool.schema() for tool in TOOLS]
    assert [tool.annotations.read_only_hint for tool in listed if tool.annotations] == [
        tool.read_only for tool in TOOLS
    ]
    assert [tool.output_schema for tool in listed] == [OUTPUT_SCHEMA] * 8


@pytest.mark.parametrize("era", ERAS)
async def test_the_same_json_stands_in_both_halves_of_an_answer(era: Era) -> None:
    door = ScriptedDoor()
    async with asking(door, era) as client:
        answer = await client.call_tool("enforce", {"action": "git.push"})

    assert json.loads(text_of(answer)) == answer.structured_content
    assert answer.structured_content == {
        "ok": True,
        "summary": "ana asked enforce.",
        "arguments": {"action": "git.push"},
        "repaired": [],
    }


@pytest.mark.parametrize("era", ERAS)
async def test_a_refused_run_is_an_error_that_both_halves_explain(era: Era) -> None:
    async with asking(ScriptedDoor({"run_action": DENIED}), era) as client:
        answer = await client.call_tool("run_action", {"action": "a"}, raise_on_error=False)

    assert answer.is_error
    assert answer.structured_content == DENIED
    assert json.loads(text_of(answer)) == DENIED


@pytest.mark.parametrize(
    ("tool", "arguments", "refusal"),
    [
        ("run_action", {"action": "a"}, {**DENIED, "error": "needs-approval"}),
        ("enforce", {"action": "a"}, DENIED),
        ("get_workflow_state", {"instance": "x"}, {**DENIED, "error": "unknown"}),
    ],
)
async def test_a_request_for_approval_and_a_refused_question_are_no_errors(
    tool: str, arguments: dict[str, Any], refusal: dict[str, Any]
) -> None:
    async with asking(ScriptedDoor({tool: refusal})) as client:
        answer = await client.call_tool(tool, arguments, raise_on_error=False)

    assert not answer.is_error
    assert answer.structured_content == refusal


@pytest.mark.parametrize("era", ERAS)
async def test_arguments_reach_the_door_as_they_were_sent(era: Era) -> None:
    door = ScriptedDoor()
    async with asking(door, era) as client:
        answer = await client.call_tool(
            "run_action", {"args": {"name": "code-review.submit", "branch": "x"}}
        )

    assert door.asked[0][1] == {"action": "code-review.submit", "params": {"branch": "x"}}
    assert answer.structured_content is not None
    assert len(answer.structured_content["repaired"]) == 3


@pytest.mark.parametrize("era", ERAS)
async def test_a_tool_that_is_not_there_is_refused_in_the_one_shape(era: Era) -> None:
    async with asking(ScriptedDoor(), era) as client:
        answer = await client.call_tool("run_actions", {"x": 1}, raise_on_error=False)

    assert answer.is_error
    assert answer.structured_content is not None
    assert answer.structured_content["error"] == "unknown"
    assert "Did you mean `run_action`?" in answer.structured_content["summary"]


async def test_a_broken_door_answers_internal_and_tells_nothing() -> None:
    door = ScriptedDoor({"enforce": RuntimeError("password=hunter2")})
    async with asking(door) as client:
        answer = await client.call_tool("enforce", {"action": "a"}, raise_on_error=False)

    assert answer.structured_content is not None
    assert answer.structured_content["error"] == "internal"
    assert "hunter2" not in text_of(answer)


async def test_a_call_does_not_list_the_tools_again() -> None:
    server = GatewayServer(front(ScriptedDoor()), lambda: IN_MEMORY, "0.1.0")

    lookup = server._mcp_server.get_tool_input_schema

    assert lookup is not None
    assert lookup("enforce") == BY_NAME["enforce"].schema()
    assert lookup("nothing") is None


async def test_over_stdio_every_call_is_that_of_the_configured_actor() -> None:
    script = (
        "import asyncio; from tests.faces.scripted import speak_stdio; asyncio.run(speak_stdio())"
    )
    transport = StdioTransport(sys.executable, ["-c", script], cwd=str(ROOT), keep_alive=False)
    async with Client(transport) as client:
        listed = await client.list_tools()
        answer = await client.call_tool("enforce", {"action": "a"})

    assert [tool.name for tool in listed] == [tool.name for tool in TOOLS]
    assert answer.structured_content is not None
    assert answer.structured_content["summary"] == "ana asked enforce."


async def test_over_http_the_token_names_the_caller_and_no_list_change_is_promised() -> None:
    door = ScriptedDoor()
    with serving(app_of(door)) as url:
        known = StreamableHttpTransport(
            f"{url}/mcp", headers={"Authorization": "Bearer ana-token"}
        )
        async with Client(known, mode="legacy") as client:
            await client.call_tool("enforce", {"action": "a"})
            told = client.initialize_result
        async with Client(f"{url}/mcp") as client:
            await client.call_tool("enforce", {"action": "a"})

    assert [caller.actor.id for _, _, caller in door.asked] == ["ana", "local"]
    assert len({caller.correlation_id for _, _, caller in door.asked}) == 2
    assert told is not None
    assert told.capabilities.tools is not None
    assert not told.capabilities.tools.list_changed
