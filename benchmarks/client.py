"""A light client: prepared requests over kept connections, so that the server's cost shows."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

END = b"\r\n\r\n"
LENGTH = b"content-length:"
# The protocol's two eras, by the version that a request names.
ERAS = {"sessionless": "2026-07-28", "handshake": "2025-11-25"}
META = "io.modelcontextprotocol"


class Kept(asyncio.Protocol):
    """One connection: a request, its whole answer, the next request."""

    def __init__(self) -> None:
        """Wait for the first request."""
        self._buffer = b""
        self._answer: asyncio.Future[bytes] | None = None
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Hand over an answer once it is whole."""
        self._buffer += data
        end = self._buffer.find(END)
        if end < 0 or len(self._buffer) < end + len(END) + length_of(self._buffer[:end]):
            return
        answer, self._buffer = self._buffer, b""
        if self._answer is not None:
            self._answer.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        """Say so to whoever waits."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("the server hung up"))

    async def ask(self, request: bytes) -> bytes:
        """Return the answer to a request, head and body."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


def length_of(head: bytes) -> int:
    """Return how long the body is."""
    place = head.lower().index(LENGTH) + len(LENGTH)
    return int(head[place:].split(b"\r\n", 1)[0])


@asynccontextmanager
async def connections(port: int, count: int) -> AsyncIterator[list[Kept]]:
    """Open connections, and close them in the end."""
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(Kept, "127.0.0.1", port) for _ in range(count)]
    try:
        yield [kept for _, kept in made]
    finally:
        for _, kept in made:
            kept.close()


@dataclass(frozen=True, slots=True)
class Load:
    """What a window of calls gave: how many in all and a second, and how long the middle took."""

    count: int
    per_s: float
    p50_us: float


async def load(kept: Sequence[Kept], requests: Sequence[bytes], window_s: float) -> Load:
    """Send requests over all connections, each as soon as the last is answered."""
    begin = time.perf_counter()
    until = begin + window_s
    taken = await asyncio.gather(*(_one(each, requests, until) for each in kept))
    passed = time.perf_counter() - begin
    every = sorted(took for one in taken for took in one)
    return Load(len(every), len(every) / passed, every[len(every) // 2] * 1e6)


async def _one(kept: Kept, requests: Sequence[bytes], until: float) -> list[float]:
    taken = []
    number = 0
    while (begin := time.perf_counter()) < until or not taken:
        answer = await kept.ask(requests[number % len(requests)])
        taken.append(time.perf_counter() - begin)
        assert answer.startswith(b"HTTP/1.1 200"), answer
        number += 1
    return taken


def rest(path: str, body: Mapping[str, object]) -> bytes:
    """Return a POST of JSON."""
    return post(path, json.dumps(body).encode(), {})


def mcp(tool: str, arguments: Mapping[str, object], era: str) -> bytes:
    """Return a call of a tool in one of the eras; the transport is stateless in both."""
    version = ERAS[era]
    params: dict[str, object] = {"name": tool, "arguments": arguments}
    headers = {
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": version,
    }
    if era == "sessionless":
        params["_meta"] = {f"{META}/protocolVersion": version, f"{META}/clientCapabilities": {}}
        headers |= {"Mcp-Method": "tools/call", "Mcp-Name": tool}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return post("/mcp", json.dumps(message).encode(), headers)


def post(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return a whole request."""
    every = {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in every.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def body_of(answer: bytes) -> Any:
    """Return what an answer says."""
    return json.loads(answer.partition(END)[2])
