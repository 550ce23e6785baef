"""The HTTP app: REST, docs and MCP behind one gate."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp

from bylaw.base.names import nearest
from bylaw.faces.http.direct import Direct
from bylaw.faces.http.endpoint import Endpoints
from bylaw.faces.http.gate import Gate
from bylaw.faces.http.page import page
from bylaw.faces.http.reply import refused
from bylaw.faces.http.route import call_id_of, fixed, routes
from bylaw.faces.wire import INTERNAL, Front
from bylaw.model.endpoint import MAIN

NOT_ALLOWED = 405
Lifespan = Callable[[], AbstractAsyncContextManager[object]]

ABOUT = (
    "What may I do now, do it, would it be allowed, this happened. The same tools, arguments and "
    "answers as over MCP at `/mcp`. Send `Authorization: Bearer <token>`; a caller on this "
    "machine without a token is `local`."
)


def build_app(front: Front, *, mcp: Endpoints, lifespan: Lifespan, version: str) -> ASGIApp:
    """Return the whole app; `lifespan` is entered first and left last."""
    app = FastAPI(
        title="Bylaw",
        version=version,
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=entering(lifespan, mcp),
    )
    router = routes(front, mcp)
    app.include_router(router)
    app.add_route("/docs", documented(app), include_in_schema=False)
    app.add_exception_handler(HTTPException, stray(front, app, router))
    app.add_exception_handler(Exception, broken(front))
    return Gate(Direct(fixed(front), mcp.find, other=app), front)


def entering(
    lifespan: Lifespan, mcp: Endpoints
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return the lifespan of the app: ours, and inside it that of MCP."""

    @asynccontextmanager
    async def entered(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(lifespan())
            await stack.enter_async_context(mcp.running())
            yield

    return entered


def documented(app: FastAPI) -> Callable[[Request], Response]:
    """Return the handler of the docs page, which is made from the OpenAPI document."""

    def answer(_request: Request) -> Response:
        policy = "default-src 'none'; style-src 'unsafe-inline'"
        return HTMLResponse(page(app.openapi()), headers={"Content-Security-Policy": policy})

    return answer


def stray(
    front: Front, app: FastAPI, router: APIRouter
) -> Callable[[Request, Exception], Response]:
    """Return the handler of paths and methods that are not there."""
    known = (*app.openapi()["paths"], "/docs", "/openapi.json")

    def answer(request: Request, problem: Exception) -> Response:
        status = problem.status_code if isinstance(problem, HTTPException) else 500
        headers = {"Allow": ", ".join(allowed(router, request))} if status == NOT_ALLOWED else None
        main = front.desk.live()[MAIN.name].path
        near = nearest(request.url.path, (*known, main)) or ("/docs",)
        said = f"There is no `{request.method} {request.url.path[:200]}` here."
        text = f"{said} Did you mean {' or '.join(f'`{path}`' for path in near)}?"
        refusal = front.refused("unknown", text, call_id=call_id_of(request))
        return refused(refusal, status=status, headers=headers)

    return answer


def allowed(router: APIRouter, request: Request) -> list[str]:
    """Return the methods that a path takes; the router itself names those of one route only."""
    here = (one for one in router.routes if one.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for one in here for method in getattr(one, "methods", None) or ()})


def broken(front: Front) -> Callable[[Request, Exception], Response]:
    """Return the handler of requests that broke; the gate puts them into the log."""

    def answer(request: Request, _problem: Exception) -> Response:
        return refused(front.refused("internal", INTERNAL, call_id=call_id_of(request)))

    return answer
