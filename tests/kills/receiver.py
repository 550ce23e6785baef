"""The server that the house calls: it answers late, sometimes not well, and forgets nothing."""

import asyncio
import json
import random
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

# Some calls are under way for long, so that plugs are pulled in the middle of them.
USUAL_S, LONG_S, LONG = 0.03, 0.4, 0.1
# What is retried fails now and then.
FAILS = 0.03
NEVER_FAILS = ("/once", "/again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One call as it came in: when, from which process, with which key."""

    at: float
    path: str
    key: str
    process: str
    token: str
    status: int


@dataclass(slots=True)
class Receiver:
    """What was heard, by key."""

    rng: random.Random
    port: int = 0
    by_key: dict[str, list[Heard]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def times(self, key: str) -> int:
        """Return how often a call with this key came in."""
        return len(self.by_key.get(key, ()))

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Answer the calls of one connection until it ends."""
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # The caller is gone, which is what is tried here, or the harness ends.
        finally:
            writer.close()

    async def _answer(self, reader: StreamReader, writer: StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        line, headers = parsed(head)
        body = json.loads(await reader.readexactly(int(headers.get("content-length", "0"))))
        status = self._keep(line.split()[1], headers, body)
        await asyncio.sleep(self._pause_s())
        writer.write(reply(status, body))
        await writer.drain()
        return headers.get("connection") != "close"

    def _keep(self, path: str, headers: Mapping[str, str], body: Any) -> int:
        fails = path not in NEVER_FAILS and self.rng.random() < FAILS
        heard = Heard(
            at=asyncio.get_running_loop().time(),
            path=path,
            key=headers.get("idempotency-key", ""),
            process=headers.get("x-process", ""),
            token=str(body["word"]),
            status=503 if fails else 200,
        )
        self.by_key.setdefault(heard.key, []).append(heard)
        return heard.status

    def _pause_s(self) -> float:
        most = LONG_S if self.rng.random() < LONG else USUAL_S
        return self.rng.random() * most


def parsed(head: bytes) -> tuple[str, dict[str, str]]:
    """Return the request line and the headers."""
    line, *rest = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    pairs = (one.split(":", 1) for one in rest)
    return line, {name.strip().lower(): value.strip() for name, value in pairs}


def reply(status: int, body: Any) -> bytes:
    """Return an answer that repeats what was sent."""
    text = json.dumps({"word": body["word"]}).encode()
    head = f"HTTP/1.1 {status} .\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text


@asynccontextmanager
async def receiving(rng: random.Random) -> AsyncIterator[Receiver]:
    """Open a receiver, and close it in the end."""
    receiver = Receiver(rng)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
