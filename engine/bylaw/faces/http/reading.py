"""Requests as the arguments of a tool: query, path, headers and body, each argument once."""

from collections.abc import Iterable, Mapping

from starlette.requests import Request

from bylaw.base.plain import Plain, name_of_type
from bylaw.services.fitting import of_kind, read_json
from bylaw.services.tools import Kind, Tool

KEY_HEADER = "idempotency-key"


class Unreadable(Exception):
    """A request does not say its arguments; the message is for the caller."""


async def arguments_of(request: Request, tool: Tool) -> dict[str, Plain]:
    """Return the arguments that a request holds, as the front door takes them.

    Raises:
        Unreadable: the body is not a JSON object, or an argument comes twice.
    """
    body = await body_of(request) if request.method == "POST" else {}
    path = {name: value for name, value in request.path_params.items() if tool.argument(name)}
    return together((path, query_of(request, tool), key_of(request, tool), body))


def together(parts: Iterable[Mapping[str, Plain]]) -> dict[str, Plain]:
    """Join the parts of a request; the same argument twice must say the same."""
    whole: dict[str, Plain] = {}
    for part in parts:
        for name, value in part.items():
            if name in whole and whole[name] != value:
                raise Unreadable(f"`{name[:80]}` comes twice, with two values.")
            whole[name] = value
    return whole


def query_of(request: Request, tool: Tool) -> dict[str, Plain]:
    """Return the query's arguments, each in its kind where its text says it."""
    if not request.scope["query_string"]:
        return {}
    pairs = [(name, typed(tool, name, text)) for name, text in request.query_params.multi_items()]
    return together({name: value} for name, value in pairs)


def typed(tool: Tool, name: str, text: str) -> Plain:
    """Return what a query's text says in the argument's kind; the front door tells if it fails."""
    argument = tool.argument(name)
    if argument is None or argument.kind in (Kind.TEXT, Kind.ANY):
        return text
    value = of_kind(argument.kind, text)
    return text if value is None else value


def key_of(request: Request, tool: Tool) -> dict[str, Plain]:
    """Return the Idempotency-Key header as the argument."""
    key = request.headers.get(KEY_HEADER)
    return {"idempotency_key": key} if key and tool.argument("idempotency_key") else {}


async def body_of(request: Request) -> dict[str, Plain]:
    """Return the JSON object of the body; an empty body is an empty object."""
    text = await request.body()
    if not text.strip():
        return {}
    if not is_json(request.headers.get("content-type", "application/json")):
        raise Unreadable("The body must be JSON: send `Content-Type: application/json`.")
    try:
        body = read_json(text)
    except ValueError as error:
        raise Unreadable(f"The body is not JSON: {error}.") from error
    if not isinstance(body, dict):
        raise Unreadable(f"The body is {name_of_type(body)} and must be an object.")
    return body


def is_json(content_type: str) -> bool:
    """Say whether a media type is JSON, in UTF-8."""
    media, _, parameters = content_type.lower().partition(";")
    charset = parameters.replace(" ", "").replace('"', "")
    known = media.strip() == "application/json" or media.strip().endswith("+json")
    return known and charset in ("", "charset=utf-8")
