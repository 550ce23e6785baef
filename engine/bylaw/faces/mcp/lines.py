"""Standard input as messages: a line each, checked as strictly as the bodies of REST.

A line that is none is answered at once; the library would say nothing to it. No line is read
into memory beyond what a body may have.
"""

import sys
from collections.abc import AsyncIterator
from typing import Any, BinaryIO

from anyio import to_thread
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCError

from bylaw.faces.rpc import NO_REQUEST, NoMessage, check, refused_message
from bylaw.faces.wire import Front

PIECE = 65_536


class Lines:
    """The lines of one client; `writer` is where answers go, once there is one."""

    def __init__(self, front: Front, source: BinaryIO | None = None) -> None:
        """Read standard input, or another source."""
        self._front = front
        self._source = sys.stdin.buffer if source is None else source
        self.writer: Any = None

    async def __aiter__(self) -> AsyncIterator[str]:
        """Give the messages, until the client leaves."""
        while line := await to_thread.run_sync(self._next):
            if not line.strip():
                continue
            try:
                self._check(line)
            except NoMessage as problem:
                await self._refuse(problem)
            else:
                yield line.decode()

    def _next(self) -> bytes:
        """Return the next line; of one that is too long, its beginning."""
        most = self._front.largest_bytes + 1
        line = piece = self._source.readline(most)
        while len(line) == most and piece and not piece.endswith(b"\n"):
            piece = self._source.readline(PIECE)
        return line

    def _check(self, line: bytes) -> None:
        if len(line) > self._front.largest_bytes:
            text = f"The line is longer than {self._front.largest_bytes} bytes."
            raise NoMessage(NO_REQUEST, text, error="too-large")
        check(line)

    async def _refuse(self, problem: NoMessage) -> None:
        answer = refused_message(self._front, problem, call_id=self._front.new_id())
        await self.writer.send(SessionMessage(JSONRPCError.model_validate(answer)))
