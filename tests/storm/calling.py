"""Steady callers of every face, at fixed rates, in a process of their own.

A call is timed from the moment it was due, so that a server that stops for a while is seen by
every call that waited. Speaks plain HTTP over sockets: a client of comfort would take more of
the machine than the server.

`python -m tests.storm.calling URL TOKEN` calls until its standard input ends, and prints what
became of every call as lines of JSON: face, when it was due, how long it took, what was wrong.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

META = "io.modelcontextprotocol/"
MODERN = {META + "protocolVersion": "2026-07-28", META + "clientCapabilities": {}}
ACCEPTS = {"Accept": "application/json, text/event-stream"}
QUESTION = {"action": "git.push", "params": {"branch": "feature/x"}}
CLI_EVERY_S = 10.0
PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One kind of call: its face, how many a second, what is sent, and what the answer holds."""

    face: str
    each_s: float
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    good: bytes = b'"ok":true'


def mcp(face: str, *, each_s: float, tool: str, arguments: Mapping[str, Any]) -> Call:
    """Return a call of a tool over MCP; that of an `older` face speaks the handshake era."""
    params: dict[str, Any] = {"name": tool, "arguments": arguments}
    headers = {**ACCEPTS, "MCP-Protocol-Version": "2025-11-25"}
    if not face.startswith("older"):
        params["_meta"] = MODERN
        named = {"Mcp-Method": "tools/call", "Mcp-Name": tool}
        headers = {**ACCEPTS, **named, "MCP-Protocol-Version": "2026-07-28"}
    return Call(
        face=face,
        each_s=each_s,
        method="POST",
        path="/mcp",
        body={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params},
        headers=tuple(headers.items()),
        good=b'"structuredContent":{"ok":true',
    )


TASK = {"key": "tasks/storm", "value": {"seen": True}}
CALLS = (
    Call(face="rest", each_s=0.03, method="POST", path="/enforce", body=QUESTION),
    Call(face="rest", each_s=0.11, method="GET", path="/actions"),
    Call(face="rest writes", each_s=0.23, method="POST", path="/context/tasks/storm", body=TASK),
    Call(face="rest", each_s=0.37, method="GET", path="/context"),
    mcp("mcp", each_s=0.07, tool="enforce", arguments=QUESTION),
    mcp("mcp", each_s=0.29, tool="get_workflow_state", arguments={}),
    mcp("older mcp", each_s=0.07, tool="enforce", arguments=QUESTION),
    mcp("older mcp writes", each_s=0.31, tool="update_context", arguments=TASK),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Calls of one kind, one after the other over one connection."""

    call: Call
    host: str
    port: int
    token: str
    told: list[tuple[str, float, float, str]]

    async def run(self, stop: asyncio.Event) -> None:
        """Call at the fixed rate until `stop` is set."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        due = time.monotonic()
        while not stop.is_set():
            wrong = await self._once(reader, writer)
            self.told.append((self.call.face, due, time.monotonic() - due, wrong))
            if wrong:
                writer.close()
                reader, writer = await asyncio.open_connection(self.host, self.port)
            due += self.call.each_s
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        writer.close()

    async def _once(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        """Send one request; return what was wrong with the answer, if anything was."""
        try:
            writer.write(self._request())
            async with asyncio.timeout(PATIENCE_S):
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                body = await reader.readexactly(length)
        except (OSError, EOFError, TimeoutError, IndexError) as error:
            return repr(error)
        good = head.startswith(b"HTTP/1.1 200 ") and self.call.good in body
        return "" if good else (head[:20] + body[:200]).decode("utf-8", "replace")

    def _request(self) -> bytes:
        call = self.call
        body = b"" if call.body is None else json.dumps(call.body).encode()
        headers = {
            "Host": self.host,
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **dict(call.headers),
        }
        lines = [f"{call.method} {call.path} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def now_and_then(
    url: str, token: str, told: list[tuple[str, float, float, str]], stop: asyncio.Event
) -> None:
    """Call the command line, a process each time, until `stop` is set."""
    while not stop.is_set():
        due = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bylaw", "actions", "--json"),
            env={**os.environ, "BYLAW_URL": url, "BYLAW_TOKEN": token},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await process.communicate()
        good = process.returncode == 0 and json.loads(printed)["ok"]
        told.append(("cli", due, time.monotonic() - due, "" if good else repr(printed[:200])))
        try:
            await asyncio.wait_for(stop.wait(), CLI_EVERY_S)
        except TimeoutError:
            continue


async def main(url: str, token: str) -> None:
    """Call until standard input ends; then print what became of every call."""
    stop = asyncio.Event()
    told: list[tuple[str, float, float, str]] = []
    host, port = urlsplit(url).hostname or "", urlsplit(url).port or 0
    lanes = [Lane(call=call, host=host, port=port, token=token, told=told) for call in CALLS]
    tasks = [asyncio.create_task(lane.run(stop)) for lane in lanes]
    tasks.append(asyncio.create_task(now_and_then(url, token, told, stop)))
    await asyncio.to_thread(sys.stdin.read)
    stop.set()
    await asyncio.gather(*tasks)
    sys.stdout.write("\n".join(json.dumps(one) for one in told))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
