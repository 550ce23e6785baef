"""JSON-RPC as strictly as REST reads its bodies, before the MCP library sees any.

The library takes the last of two equal keys, and words what it cannot read for programmers. What
is refused here is a JSON-RPC error that carries the one refusal in its `data`.
"""

import re

from bylaw.base.plain import Plain, Record, name_of_type
from bylaw.faces.wire import Front, encode
from bylaw.services.fitting import DEEPEST, is_unicode, read_json, too_deep

UNREADABLE = -32700
NO_REQUEST = -32600
# Arguments stand a few levels deep in their message. How deep they may go themselves, the services
# say; the library gives up not far behind.
MOST_LEVELS = DEEPEST + 8
# Half of a pair of characters, as JSON can write it.
HALF = re.compile(rb"\\u[dD][89abcdefABCDEF]")


class NoMessage(Exception):
    """What came is no JSON-RPC message; `code` is the one of JSON-RPC, `id` whose it would be."""

    def __init__(self, code: int, summary: str, *, error: str = "bad-params") -> None:
        """Keep what to answer."""
        self.code = code
        self.error = error
        self.id: str | int | None = None
        super().__init__(summary)


def refused_message(front: Front, problem: NoMessage, *, call_id: str) -> Record:
    """Return the answer to what is no message."""
    data = front.refused(problem.error, str(problem), call_id=call_id)
    error = {"code": problem.code, "message": str(problem), "data": data}
    return {"jsonrpc": "2.0", "id": problem.id, "error": error}


def check(body: bytes) -> None:
    """See that bytes are one JSON-RPC message.

    Raises:
        NoMessage: it is none.
    """
    try:
        message = read_json(body)
    except ValueError as error:
        raise NoMessage(UNREADABLE, f"This is not JSON: {error}.") from error
    try:
        check_value(message, body)
        check_message(message)
    except NoMessage as problem:
        problem.id = id_of(message)
        raise


def id_of(message: Plain) -> str | int | None:
    """Return the id of what was to be a message, as far as it has one that can be sent back."""
    found = message.get("id") if isinstance(message, dict) else None
    return found if type(found) is int or (type(found) is str and is_unicode(found)) else None


def check_value(message: Plain, body: bytes) -> None:
    """See that a message is not too deep for the library, and made of whole characters."""
    opened = body.count(b"[") + body.count(b"{")
    if opened > MOST_LEVELS and too_deep([message], MOST_LEVELS):
        text = f"The message is nested more than {MOST_LEVELS} levels deep."
        raise NoMessage(NO_REQUEST, text, error="too-large")
    if HALF.search(body) and not is_unicode(encode(message)):
        raise NoMessage(UNREADABLE, "This is not JSON: a text has half a character in it.")


def check_message(message: Plain) -> None:
    """See that a value is a request, a notification or an answer."""
    if isinstance(message, list):
        raise NoMessage(NO_REQUEST, "A batch is not taken: send the messages one by one.")
    if not isinstance(message, dict):
        text = f"A message is an object, and not {name_of_type(message)}."
        raise NoMessage(NO_REQUEST, text)
    if message.get("jsonrpc") != "2.0":
        raise NoMessage(NO_REQUEST, "`jsonrpc` must be `2.0`.")
    if not isinstance(message.get("method", ""), str):
        raise NoMessage(NO_REQUEST, "`method` must be a text.")
    if not message.keys() & {"method", "result", "error"}:
        raise NoMessage(NO_REQUEST, "The message has no `method`.")
    if "id" in message and type(message["id"]) not in (str, int):
        raise NoMessage(NO_REQUEST, "`id` must be a text or a whole number.")
    if not isinstance(message.get("params", {}), dict):
        raise NoMessage(NO_REQUEST, "`params` must be an object.")
