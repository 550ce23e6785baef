"""The first lines that a newcomer copies work as printed, on a server of their own."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from fastmcp import Client

from tests.docs.pages import Block, blocks
from tests.docs.sending import Sent, send
from tests.running import copy_of_shipped
from tests.scenario.server import Server, served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
PRINTED = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("first")
    house = copy_of_shipped(folder / "house")
    with served(house, f"sqlite:///{folder}/bylaw.db") as running:
        yield running


def of_readme(info: str) -> list[Block]:
    return [block for block in blocks(info) if block.page == "README.md"]


def lines(page: str, start: str) -> list[str]:
    """Return the commands of a page that begin so, each on one line."""
    joined = (block.body.replace("\\\n", " ") for block in blocks("sh") if block.page == page)
    return [line for body in joined for line in body.splitlines() if line.startswith(start)]


def sent_by(line: str, server: Server) -> Sent:
    """Make the call that a `curl` line makes."""
    words = shlex.split(line.replace(PRINTED, server.url))
    address = urlsplit(next(word for word in words if word.startswith("http")))
    headers = [words[at + 1] for at, word in enumerate(words) if word == "-H"]
    body = words[words.index("-d") + 1] if "-d" in words else None
    return send(address, headers=dict(one.split(": ", 1) for one in headers), body=body)


async def test_mcp_configuration_of_the_readme_connects(server: Server) -> None:
    config = json.loads(of_readme("json")[0].body.replace(PRINTED, server.url))
    async with Client(config) as client:
        answer = await client.call_tool("get_available_actions", {})
    assert answer.structured_content is not None
    assert answer.structured_content["ok"] is True


def test_rest_call_of_the_readme_says_why_not(server: Server) -> None:
    (line,) = lines("README.md", "curl")
    sent = sent_by(line, server)
    assert (sent.status, sent.answer["allowed"]) == (200, False)
    assert sent.answer["because"][0]["rule"] == "branch-protection/no-direct-push"


def test_cli_call_of_the_readme_lists_what_may_be_done(server: Server) -> None:
    (line,) = lines("README.md", ".venv/bin/bylaw")
    environ = {**os.environ, "BYLAW_URL": server.url}
    command = [sys.executable, "-m", "bylaw", *shlex.split(line)[1:]]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "code-review.start" in done.stdout


def test_calls_of_the_rest_page_are_answered_well(server: Server) -> None:
    sent = [sent_by(line, server) for line in lines("docs/rest.md", "curl")]
    assert [one.status for one in sent] == [200] * len(sent)
    assert sent
