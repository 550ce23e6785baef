"""Bytes to a server as they are, and what comes back."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bylaw.base.plain import Plain

HOST = b"Host: 127.0.0.1\r\n"
ANSWER_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer as it came; `status` is 0 where the connection ended without one."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Plain:
        """Return the body as JSON."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """Return everything as text."""
        return f"{self.headers} {self.body.decode('utf-8', 'replace')}"


NOTHING = Reply(status=0, headers={}, body=b"")


def post(path: str, body: bytes, *, headers: tuple[str, ...] = (), closing: bool = True) -> bytes:
    """Return a request with a body of JSON."""
    lines = (
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        "Accept: application/json, text/event-stream",
        *(("Connection: close",) if closing else ()),
        *headers,
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    """Connect to a server on this machine."""
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S) as found:
        yield found


def sent(port: int, data: bytes) -> Reply:
    """Send bytes over a connection of their own, and return the answer."""
    with connected(port) as wire:
        try:
            wire.sendall(data)
        except ConnectionError:
            return NOTHING
        return read(wire)


def read(wire: socket.socket) -> Reply:
    """Return one answer; nothing where the connection ends."""
    try:
        found = received(wire)
    except ConnectionError:
        return NOTHING
    head, _, body = found.partition(b"\r\n\r\n")
    if not head:
        return NOTHING
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return Reply(status=int(first.split(" ")[1]), headers=headers, body=body)


def received(wire: socket.socket) -> bytes:
    """Return the bytes of one answer: as long as its head says, or until the end."""
    found = b""
    while not is_whole(found) and (more := wire.recv(65_536)):
        found += more
    return found


def is_whole(found: bytes) -> bool:
    """Say whether an answer with a length is there."""
    head, end, body = found.partition(b"\r\n\r\n")
    _, named, rest = head.lower().partition(b"content-length: ")
    return bool(end and named) and len(body) >= int(rest.split(b"\r\n")[0])
