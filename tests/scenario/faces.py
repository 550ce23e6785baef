"""The ways in to a running server, asked alike: a tool, its arguments, and the whole answer."""

import asyncio
import io
import json
import re
import shlex
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import quote

import httpx2
from fastmcp import Client
from mcp_types import TextContent

from bylaw.faces.cli.main import main
from bylaw.faces.cli.show import command
from tests.scenario.server import TOKENS

Answer = dict[str, Any]
Arguments = Mapping[str, Any]

# What is new in every answer: ids of decisions and calls, moments.
NEW = re.compile(r"\b(?:dec|req)_[0-9a-f]+|\b\d{4}-\d\d-\d\dT[\d:.]+Z")
ROUTES = {
    "get_available_actions": ("GET", "/actions"),
    "get_workflow_state": ("GET", "/workflow/state"),
    "get_policy": ("GET", "/policy/{name}"),
    "get_context_data": ("GET", "/context/{key}"),
    "run_action": ("POST", "/action"),
    "update_context": ("POST", "/context/{key}"),
    "trigger_event": ("POST", "/event"),
    "enforce": ("POST", "/enforce"),
}


class Face(Protocol):
    """One way in."""

    async def ask(self, who: str, tool: str, arguments: Arguments) -> Answer:
        """Return what the server answers somebody."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mcp:
    """FastMCP's own client, in one of the protocol's eras."""

    url: str
    era: Literal["auto", "legacy"]

    async def ask(self, who: str, tool: str, arguments: Arguments) -> Answer:
        """Call the tool; both halves of the answer must say the same."""
        async with Client(f"{self.url}/mcp", auth=TOKENS[who], mode=self.era) as client:
            result = await client.call_tool(tool, dict(arguments), raise_on_error=False)
        text = result.content[0]
        assert isinstance(text, TextContent)
        assert json.loads(text.text) == result.structured_content
        return dict(result.structured_content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Plain HTTP."""

    url: str

    async def ask(self, who: str, tool: str, arguments: Arguments) -> Answer:
        """Send the arguments in the path, and the rest of them in the query or the body."""
        method, path = ROUTES[tool]
        rest = dict(arguments)
        for name in re.findall(r"{(\w+)}", path):
            path = path.replace(f"{{{name}}}", quote(rest.pop(name, ""))).rstrip("/")
        sent = {"json": rest} if method == "POST" else {"params": in_query(rest)}
        async with httpx2.AsyncClient(base_url=self.url) as client:
            signed = {"Authorization": f"Bearer {TOKENS[who]}"}
            reply = await client.request(method, path, headers=signed, **sent)
        found: Answer = reply.json()
        assert reply.is_success == found["ok"]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Cli:
    """The command line, as its own hints have a call."""

    url: str

    async def ask(self, who: str, tool: str, arguments: Arguments) -> Answer:
        """Run the command that the call is."""
        words = shlex.split(command({"tool": tool, "arguments": arguments}))[1:]
        return await asyncio.to_thread(self.run, who, words)

    def run(self, who: str, words: list[str]) -> Answer:
        """Return what a command prints with `--json`."""
        with redirect_stdout(io.StringIO()) as printed:
            code = main([*words, "--json", "--url", self.url, "--token", TOKENS[who]])
        found: Answer = json.loads(printed.getvalue())
        assert code == (0 if found["ok"] and found.get("allowed", True) else 1)
        return found


def in_query(arguments: Arguments) -> dict[str, str]:
    """Return arguments as a query has them: text as it is, the rest as JSON."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in arguments.items()
    }


def lasting(answer: Answer) -> Answer:
    """Return an answer without what is new in every one."""
    found: Answer = json.loads(NEW.sub("…", json.dumps(answer)))
    return found
