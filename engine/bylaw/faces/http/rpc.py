"""JSON-RPC as strictly as REST reads its bodies, before the MCP library sees one.

The library takes the last of two equal keys, and words what it cannot read for programmers. What
is refused here is a JSON-RPC error that carries the one refusal in its `data`.
"""

import re
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bylaw.base.plain import Plain, name_of_type
from bylaw.faces.http.reading import is_json
from bylaw.faces.http.reply import refused
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
    """A body is no JSON-RPC message; `code` is the one of JSON-RPC."""

    def __init__(self, code: int, summary: str, *, error: str = "bad-params") -> None:
        """Keep what to answer."""
        self.code = code
        self.error = error
        super().__init__(summary)


class Strict:
    """Hands on to the MCP app what is one JSON-RPC message, and answers everything else."""

    def __init__(self, app: ASGIApp, front: Front) -> None:
        """Stand before an app."""
        self._app = app
        self._front = front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        if request.method != "POST":
            response = self._no_method(request)
            await response(scope, receive, send)
            return
        body = await request.body()
        try:
            check(body, request.headers.get("content-type", ""))
        except NoMessage as problem:
            await self._no_message(request, problem)(scope, receive, send)
            return
        await self._app(scope, again(body, receive), send)

    def _no_method(self, request: Request) -> Response:
        text = f"There is no `{request.method} /mcp` here: send a message by `POST`."
        answer = self._front.refused("unknown", text, call_id=call_id_of(request))
        return refused(answer, status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "POST"})

    def _no_message(self, request: Request, problem: NoMessage) -> Response:
        data = self._front.refused(problem.error, str(problem), call_id=call_id_of(request))
        error = {"code": problem.code, "message": str(problem), "data": data}
        return Response(
            encode({"jsonrpc": "2.0", "id": None, "error": error}),
            status_code=HTTPStatus.BAD_REQUEST,
            media_type="application/json",
        )


def call_id_of(request: Request) -> str:
    """Return the correlation id that the gate gave the request."""
    return str(request.scope["state"]["correlation_id"])


def again(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read once more, then what comes after it."""
    left = [body]

    async def received() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return received


def check(body: bytes, content_type: str) -> None:
    """See that a body is one JSON-RPC message.

    Raises:
        NoMessage: it is none.
    """
    if not is_json(content_type):
        text = "The body must be JSON: send `Content-Type: application/json`."
        raise NoMessage(NO_REQUEST, text)
    try:
        message = read_json(body)
    except ValueError as error:
        raise NoMessage(UNREADABLE, f"The body is not JSON: {error}.") from error
    check_value(message, body)
    check_message(message)


def check_value(message: Plain, body: bytes) -> None:
    """See that a message is not too deep for the library, and made of whole characters."""
    opened = body.count(b"[") + body.count(b"{")
    if opened > MOST_LEVELS and too_deep([message], MOST_LEVELS):
        text = f"The message is nested more than {MOST_LEVELS} levels deep."
        raise NoMessage(NO_REQUEST, text, error="too-large")
    if HALF.search(body) and not is_unicode(encode(message)):
        raise NoMessage(UNREADABLE, "The body is not JSON: a text has half a character in it.")


def check_message(message: Plain) -> None:
    """See that a value is a request, a notification or an answer."""
    if isinstance(message, list):
        raise NoMessage(NO_REQUEST, "A batch is not taken: send one message a request.")
    if not isinstance(message, dict):
        text = f"The body is {name_of_type(message)} and must be an object."
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
