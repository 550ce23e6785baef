"""Rubbish on standard input ends nothing: every line is answered, and the next one is read."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bylaw.base.plain import Plain
from bylaw.faces.mcp.lines import Lines
from tests.faces.scripted import ScriptedDoor, front
from tests.hostile.leaks import assert_is_refusal, assert_tells_nothing
from tests.running import copy_of_shipped
from tests.scenario.server import TOKENS

HELLO = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "rubbish", "version": "1"},
    },
}
LAST = b'{"jsonrpc":"2.0","id":99,"method":"ping"}'
RUBBISH = (
    *(b"rubbish", b"\xff\xfe\x00", b"[]", b"{}", b"1", b"null", b"[" * 100_000, b"x" * 3_000_000),
    b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
    b'{"jsonrpc":"2.0","id":1,"method":"ping","method":"ping"}',
    b'{"jsonrpc":"2.0","id":' + b"9" * 5_000 + b',"method":"ping"}',
    b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":NaN}}',
    b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"\\ud800"}}',
    b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' + b'{"a":' * 99 + b"1" + b"}" * 100,
)


def test_rubbish_ends_no_session(tmp_path: Path) -> None:
    house = copy_of_shipped(tmp_path / "house")
    environ = {
        **os.environ,
        "BYLAW_HOUSE": str(house),
        "BYLAW_STORE_URL": f"sqlite:///{tmp_path}/bylaw.db",
    }
    said = b"\n".join((json.dumps(HELLO).encode(), *RUBBISH, b"", LAST, b""))
    command = [sys.executable, "-m", "bylaw", "stdio"]
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, env=environ, **pipes) as process:
        answers = list(answers_to(process, said))
        rest, logged = process.communicate(timeout=30)

    refusals = [one["error"]["data"] for one in answers if "error" in one]
    assert (process.returncode, rest, len(refusals)) == (0, b"", len(RUBBISH))
    assert {one["id"] for one in answers if "result" in one} == {0, 99}
    for one in refusals:
        assert_is_refusal(one)
    assert_tells_nothing(str(answers) + logged.decode(), house, TOKENS.values())


def answers_to(process: subprocess.Popen[bytes], said: bytes) -> Iterator[Plain]:
    """Say all to a server, and give what it answers up to the last one."""
    assert process.stdin
    assert process.stdout
    process.stdin.write(said)
    process.stdin.flush()
    for line in process.stdout:
        answer = json.loads(line)
        yield answer
        if answer["id"] == json.loads(LAST)["id"]:
            return


class Kept:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    async def send(self, answer: Any) -> None:
        self.errors.append(str(answer.message.error.data["error"]))


@pytest.mark.parametrize("end", [b"\n", b""])
async def test_line_without_end_costs_no_more_than_a_body_may(end: bytes) -> None:
    given = front(ScriptedDoor(), largest_bytes=100)
    lines = Lines(given, io.BytesIO(b"x" * 500_000 + b"\n" + LAST + end))
    kept = lines.writer = Kept()

    assert [line.strip().encode() async for line in lines] == [LAST]
    assert kept.errors == ["too-large"]
