import json
import shlex
from urllib.parse import parse_qs, urlsplit

import pytest

from bylaw.faces.http.route import READS, WRITES
from bylaw.services.tools import BY_NAME
from tests.docs.pages import blocks, rows, text_of, words

ROUTES = [
    *(("GET", path, tool) for path, tool in READS),
    *(("POST", path, tool) for path, tool in WRITES),
]
CURLS = [
    (block.id, line)
    for block in blocks("sh")
    for line in block.body.replace("\\\n", " ").splitlines()
    if line.startswith("curl") and ":8000" in line
]


def documented() -> set[tuple[str, str, str]]:
    """Return method, path and tool of the routes on the page, without parameters' converters."""
    table = rows(text_of("docs/rest.md"))
    named = [(route, words(row[1])) for row in table for route in words(row[0])]
    return {(*route.split(" ", 1), tools[0]) for route, tools in named if tools}  # type: ignore[misc]


def test_page_names_every_route_of_a_tool() -> None:
    routes = {(method, path.replace(":path", ""), tool) for method, path, tool in ROUTES}
    assert documented() == routes


@pytest.mark.parametrize(("place", "line"), CURLS)
def test_calls_on_the_pages_are_calls_of_a_route_with_arguments_it_takes(
    place: str, line: str
) -> None:
    parts = shlex.split(line)
    address = urlsplit(next(part for part in parts if part.startswith("http")))
    body = json.loads(parts[parts.index("-d") + 1]) if "-d" in parts else {}
    method = "POST" if body else "GET"
    tool = next(
        BY_NAME[tool] for verb, path, tool in ROUTES if (verb, path) == (method, address.path)
    )
    assert {*body, *parse_qs(address.query)} <= set(tool.names), place
