"""Fixed paths straight to their handlers, everything else to the router.

Asking FastAPI's router costs more than all else in a request; what it says of a route, its
OpenAPI, its 404 and its 405 stay its own.
"""

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bylaw.faces.http.route import Handler


class Direct:
    """Sends a request to the handler of its method and path, if there is one."""

    def __init__(
        self,
        handlers: Mapping[tuple[str, str], Handler],
        find: Callable[[str], ASGIApp | None],
        *,
        other: ASGIApp,
    ) -> None:
        """Know handlers by method and path; `find` knows the endpoints by path."""
        self._handlers = handlers
        self._find = find
        self._other = other

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        handler = self._handlers.get((scope["method"], scope["path"]))
        if handler is None:
            await (self._find(scope["path"]) or self._other)(scope, receive, send)
            return
        response = await handler(Request(scope, receive))
        await response(scope, receive, send)
