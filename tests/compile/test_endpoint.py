"""Endpoints in whole houses of one file each, and what may not be said of them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bylaw.base.node import plain
from bylaw.base.plain import digest
from bylaw.compile.endpoint import GATEWAY_TOOLS, REST
from bylaw.compile.house import Compiled, Compiler, Origin
from bylaw.faces.http.route import READS, WRITES
from bylaw.model.document import Document
from bylaw.services.tools import BY_NAME
from tests.compile.documents import CASES
from tests.trees import parse_documents

FOLDERS = sorted(path.parent for path in (CASES / "endpoint").glob("*/input.yaml"))
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def compiled(folder: Path) -> Compiled:
    roots, problems = parse_documents((folder / "input.yaml").read_bytes(), file="input.yaml")
    assert not problems
    documents = tuple(
        Document(
            kind=plain(root)["kind"],
            name=plain(root)["name"],
            place=root.key("name").place,
            digest=digest(plain(root)),
            root=root,
        )
        for root in roots
    )
    return Compiler().compile(documents, Origin(environ={}, git_commit=None, now=NOW))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_house_has_just_the_problems_that_it_wants(folder: Path) -> None:
    found = compiled(folder)

    want = (folder / "want.problems").read_text()
    assert "".join(f"{problem}\n" for problem in found.problems) == want


def test_endpoints_are_what_the_house_says() -> None:
    snapshot = compiled(CASES / "endpoint" / "house").snapshot

    assert snapshot is not None
    main, app, both = snapshot.endpoints.values()
    assert (main.name, main.path, main.gateway, main.tools) == ("main", "/mcp", True, {})
    assert app.tools["app1_list_all"] == "ticket.list_all"
    assert app.tools["app1_came"] == "event.mail.came"
    assert (app.access, app.without, app.gateway) == ("readers", frozenset({"late"}), False)
    assert (both.title, both.instructions) == ("Both", "Ask first.")
    assert (both.gateway, both.tools) == (True, {"write": "file.write"})


def test_names_of_the_gateway_are_those_of_its_tools() -> None:
    assert BY_NAME.keys() == GATEWAY_TOOLS


def test_paths_of_rest_are_those_of_its_routes() -> None:
    routes = {path for path, _ in (*READS, *WRITES) if "{" not in path}
    own = {"/enforcement/status", "/health", "/docs", "/openapi.json"}

    assert routes | own == REST
