"""The MCP app behind the rules of JSON-RPC: what is one message by POST goes on, no more."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bylaw.faces.http.reading import is_json
from bylaw.faces.http.reply import refused
from bylaw.faces.rpc import NO_REQUEST, NoMessage, check, refused_message
from bylaw.faces.wire import Front, encode


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
            see_media(request)
            check(body)
        except NoMessage as problem:
            await self._no_message(request, problem)(scope, receive, send)
            return
        await self._app(scope, again(body, receive), send)

    def _no_method(self, request: Request) -> Response:
        text = f"There is no `{request.method} {request.url.path}` here: send a message by `POST`."
        answer = self._front.refused("unknown", text, call_id=call_id_of(request))
        return refused(answer, status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "POST"})

    def _no_message(self, request: Request, problem: NoMessage) -> Response:
        answer = refused_message(self._front, problem, call_id=call_id_of(request))
        return Response(
            encode(answer), status_code=HTTPStatus.BAD_REQUEST, media_type="application/json"
        )


def see_media(request: Request) -> None:
    """See that a body says that it is JSON.

    Raises:
        NoMessage: it does not.
    """
    if not is_json(request.headers.get("content-type", "")):
        text = "The body must be JSON: send `Content-Type: application/json`."
        raise NoMessage(NO_REQUEST, text)


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
