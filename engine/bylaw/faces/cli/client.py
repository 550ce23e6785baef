"""Asks a running server over REST, with nothing but the standard library."""

import http.client
import json
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

from bylaw.base.plain import Plain
from bylaw.faces.cli.argument import Usage
from bylaw.services.answer import Answer
from bylaw.services.fitting import read_json

# A server may wait 25 s for a change before it answers.
TIMEOUT_S = 60
LARGEST_BYTES = 16_777_216


class NoServer(Exception):
    """Nobody answers there, or somebody who is not Bylaw."""


def ask(
    url: str, method: str, path: str, *, token: str | None, arguments: Mapping[str, Plain]
) -> Answer:
    """Send one request and return the answer, good or not.

    Raises:
        NoServer: there was no answer that can be read.
        Usage: the address or the token cannot be used.
    """
    connection, prefix = connection_to(url)
    target, body = request_of(method, path, arguments)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    try:
        connection.request(method, prefix + target, body, headers | signed(token))
        response = connection.getresponse()
        text = response.read(LARGEST_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise NoServer(f"no server answers at {url}: {str(error) or 'no answer'}") from error
    finally:
        connection.close()
    return answer_in(text, url)


def connection_to(url: str) -> tuple[http.client.HTTPConnection, str]:
    """Return a connection to the server of an address, and the path that it stands under."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Usage(f"`{url}` is not an address: {error}") from error
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    if parts.scheme not in kinds or not host:
        raise Usage(f"`{url}` is not an address; write http://127.0.0.1:8000")
    return kinds[parts.scheme](host, port, timeout=TIMEOUT_S), parts.path.rstrip("/")


def request_of(method: str, path: str, arguments: Mapping[str, Plain]) -> tuple[str, bytes | None]:
    """Return the path with its query, and the body."""
    if method == "GET":
        query = {name: in_query(value) for name, value in arguments.items()}
        return (f"{path}?{urlencode(query)}" if query else path), None
    return path, json.dumps(arguments, ensure_ascii=False).encode()


def in_query(value: Plain) -> str:
    """Return a value as a query has it: text as it is, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def in_path(key: str) -> str:
    """Return a key as it stands in a path."""
    return quote(key, safe="/")


def signed(token: str | None) -> dict[str, str]:
    """Return the header that says who calls."""
    if not token:
        return {}
    if not (token.isascii() and token.isprintable()):
        raise Usage("the token has characters that cannot be sent")
    return {"Authorization": f"Bearer {token}"}


def answer_in(text: bytes, url: str) -> Answer:
    """Return the answer that a body holds."""
    try:
        answer = read_json(text)
    except ValueError as error:
        raise NoServer(f"what answers at {url} is not Bylaw: {error}") from error
    if not isinstance(answer, dict) or "ok" not in answer:
        raise NoServer(f"what answers at {url} is not Bylaw")
    return answer
