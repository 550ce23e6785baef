"""The REST routes: each hands a tool the arguments that its request holds."""

from collections.abc import Awaitable, Callable
from typing import cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from bylaw.base.plain import Plain
from bylaw.faces.http.endpoint import Endpoints
from bylaw.faces.http.model import RESPONSES, Answered
from bylaw.faces.http.reading import KEY_HEADER, Unreadable, arguments_of
from bylaw.faces.http.reply import replied
from bylaw.faces.wire import Front
from bylaw.services.answer import call_of
from bylaw.services.caller import Caller
from bylaw.services.tools import BY_NAME, Argument, Kind, Tool

# Path → tool, in the order of the OpenAPI page. What is in braces is an argument of the tool.
READS = (
    ("/actions", "get_available_actions"),
    ("/workflow/state", "get_workflow_state"),
    ("/policy", "get_policy"),
    ("/policy/{name}", "get_policy"),
    ("/context", "get_context_data"),
    ("/context/{key:path}", "get_context_data"),
)
WRITES = (
    ("/context/{key:path}", "update_context"),
    ("/action", "run_action"),
    ("/event", "trigger_event"),
    ("/enforce", "enforce"),
)

ENDPOINT: dict[str, Plain] = {
    "name": "endpoint",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "description": "Its name in `endpoints` of `bylaw.yaml`."},
}

Handler = Callable[[Request], Awaitable[Response]]


def routes(front: Front, endpoints: Endpoints) -> APIRouter:
    """Return the routes of the tools, of health and of the status."""
    router = APIRouter()
    for path, name in READS:
        add(router, front, path, tool=BY_NAME[name], method="GET")
    for path, name in WRITES:
        add(router, front, path, tool=BY_NAME[name], method="POST")
    router.add_api_route("/enforcement/status", status(front), **told("What is live", {}))
    health = told("Is it well?", {}, tag="server")
    router.add_api_route("/health", healthy(front, endpoints), **health)
    server = healthy(front, endpoints)
    router.add_route("/health", server, methods=["HEAD"], include_in_schema=False)
    one = told("Is an endpoint well?", {"parameters": [ENDPOINT]}, tag="server")
    router.add_api_route("/health/{endpoint}", endpoint_healthy(front, endpoints), **one)
    return router


def fixed(front: Front) -> dict[tuple[str, str], Handler]:
    """Return the handlers of the routes without an argument in their path."""
    routes = [("GET", *one) for one in READS] + [("POST", *one) for one in WRITES]
    return {
        (method, path): answering(front, BY_NAME[name])
        for method, path, name in routes
        if "{" not in path
    }


def add(router: APIRouter, front: Front, path: str, *, tool: Tool, method: str) -> None:
    """Add the route of one tool, described by the tool."""
    extra = asked(tool, path) if method == "POST" else {"parameters": parameters(tool, path)}
    described = told(tool.title, extra, about=tool.description)
    name = f"{method.lower()}_{path.strip('/').split('/')[0]}_{tool.name}"
    name += "_one" if "{" in path and method == "GET" else ""
    router.add_api_route(
        path, answering(front, tool), methods=[method], operation_id=name, **described
    )


def told(
    title: str, extra: dict[str, Plain], *, about: str = "", tag: str = "tools"
) -> dict[str, Plain]:
    """Return what OpenAPI says of a route."""
    return {
        "summary": title,
        "description": about,
        "tags": [tag],
        "responses": {200: {"model": Answered}, **RESPONSES},
        "openapi_extra": extra,
        "response_model": None,
    }


def answering(front: Front, tool: Tool) -> Handler:
    """Return the handler that calls a tool with what a request holds."""

    async def answer(request: Request) -> Response:
        caller = caller_of(request)
        try:
            arguments = await arguments_of(request, tool)
        except Unreadable as problem:
            return replied(unreadable(front, tool, str(problem), caller))
        return replied(await front.door.call(tool.name, arguments, caller))

    return answer


def unreadable(front: Front, tool: Tool, summary: str, caller: Caller) -> dict[str, Plain]:
    """Return the refusal of a request that does not say its arguments."""
    look = call_of("get_available_actions", "See what you may do, with examples.")
    text = f"{summary} {tool.taking}"
    return front.refused("bad-params", text, call_id=caller.correlation_id, next=[look])


def caller_of(request: Request) -> Caller:
    """Return whom the gate let through."""
    return cast("Caller", request.scope["state"]["caller"])


def call_id_of(request: Request) -> str:
    """Return the correlation id that the gate gave the request."""
    return str(request.scope["state"]["correlation_id"])


def status(front: Front) -> Handler:
    """Return the handler that says which rules are live."""

    async def answer(_request: Request) -> Response:
        return replied(front.door.status())

    return answer


def healthy(front: Front, endpoints: Endpoints) -> Handler:
    """Return the handler that says whether the server is well; it needs no caller.

    Which endpoints there are, it says to callers who are known.
    """

    async def answer(request: Request) -> Response:
        said = front.health()
        if "caller" in request.scope["state"]:
            doors = endpoints.doors().values()
            said = {**said, "endpoints": {door.name: door.record() for door in doors}}
        response = replied({"ok": True, **said})
        response.status_code = 200 if said.get("ok", True) else 503
        return response

    return answer


def endpoint_healthy(front: Front, endpoints: Endpoints) -> Handler:
    """Return the handler that says whether one endpoint is well."""

    async def answer(request: Request) -> Response:
        name = request.path_params["endpoint"]
        door = endpoints.doors().get(name)
        if door is None:
            text = f"There is no endpoint `{name[:80]}`."
            return replied(front.refused("unknown", text, call_id=call_id_of(request)))
        ready = bool(front.health().get("ready", True))
        response = replied({**door.told(ready=ready), "ok": True})
        response.status_code = 200 if door.live else 503
        return response

    return answer


def parameters(tool: Tool, path: str) -> list[Plain]:
    """Return a tool's arguments as parameters of path and query."""
    return [parameter(argument, path) for argument in tool.arguments]


def parameter(argument: Argument, path: str) -> dict[str, Plain]:
    """Return one argument as OpenAPI says it; an object stands in a query as JSON text."""
    in_path = f"{{{argument.name}" in path
    said: dict[str, Plain] = {
        "name": argument.name,
        "in": "path" if in_path else "query",
        "required": in_path,
    }
    if argument.kind is Kind.OBJECT:
        return {**said, "content": {"application/json": {"schema": argument.schema()}}}
    return {**said, "schema": argument.schema()}


def asked(tool: Tool, path: str) -> dict[str, Plain]:
    """Return a tool's arguments as OpenAPI says a body, with the header of the key."""
    in_path = [one for one in tool.arguments if f"{{{one.name}" in path]
    schema = tool.schema()
    for argument in in_path:
        del schema["properties"][argument.name]
        schema["required"].remove(argument.name)
    said: list[Plain] = [parameter(argument, path) for argument in in_path]
    if tool.argument("idempotency_key"):
        header = {"type": "string", "maxLength": 200}
        said.append({"name": KEY_HEADER.title(), "in": "header", "schema": header})
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"requestBody": body, "parameters": said} if said else {"requestBody": body}
