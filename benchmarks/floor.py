"""The servers that stand beside ours: a bare Starlette route, and an empty FastMCP tool.

Each is a process of its own with uvicorn's settings as ours are.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
import uvloop
from fastmcp import FastMCP
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.scenario.server import free_port, wait_for

# As long as an answer of ours to `enforce`.
ANSWER = {
    "ok": True,
    "summary": "Allowed.",
    "verdict": "allow",
    "allowed": True,
    "because": [{"rule": "jobs/small", "at": "bylaw.yaml:50", "effect": "allow"}],
    "decision": "dec_0123456789abcdef",
}


def bare_rest() -> Starlette:
    """Return an app with one route that reads JSON and answers JSON."""

    async def enforce(request: Request) -> JSONResponse:
        await request.json()
        return JSONResponse(ANSWER)

    return Starlette(routes=[Route("/enforce", enforce, methods=["POST"]), health()])


def empty_mcp() -> Starlette:
    """Return an app with one tool that takes nothing and does nothing."""
    server: FastMCP[Any] = FastMCP("floor", mask_error_details=True, dereference_schemas=False)

    @server.tool
    def empty() -> dict[str, bool]:
        """Do nothing."""
        return {"ok": True}

    app = server.http_app(
        path="/mcp", stateless_http=True, json_response=True, host_origin_protection=False
    )
    app.router.routes.append(health())
    return app


def health() -> Route:
    """Return the route by which the server is known to be up."""
    return Route("/health", lambda _request: JSONResponse({}))


def serve(kind: str, port: int) -> None:
    """Serve one of the apps until told to stop."""
    config = uvicorn.Config(
        {"rest": bare_rest, "mcp": empty_mcp}[kind](),
        port=port,
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="on",
        server_header=False,
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(uvicorn.Server(config).serve())


@contextmanager
def floor(kind: str) -> Iterator[int]:
    """Start one of the servers, give its port, and end it whatever happens."""
    port = free_port()
    process = subprocess.Popen(  # noqa: S603 - this very module
        [sys.executable, "-m", "benchmarks.floor", kind, str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for(port, process)
        yield port
    finally:
        process.kill()
        process.communicate()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
