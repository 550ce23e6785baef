"""Sending the calls that pages print."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import SplitResult

from bylaw.base.plain import Plain


@dataclass(frozen=True)
class Sent:
    """The status and the answer of a call."""

    status: int
    answer: dict[str, Plain]


def send(address: SplitResult, *, headers: Mapping[str, str], body: str | None) -> Sent:
    """Send a call: a POST if it has a body, else a GET."""
    connection = HTTPConnection(address.netloc, timeout=20)
    path = f"{address.path}?{address.query}" if address.query else address.path
    try:
        connection.request("GET" if body is None else "POST", path, body, dict(headers))
        reply = connection.getresponse()
        return Sent(status=reply.status, answer=json.loads(reply.read()))
    finally:
        connection.close()
