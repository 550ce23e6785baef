"""How many tokens `tools/list` of `/mcp` costs a model, by a public tokenizer (o200k)."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import uvloop
from rs_bpe.bpe import openai

from benchmarks import client, door
from benchmarks.form import Form
from benchmarks.row import Row, at_most, compared
from benchmarks.wire import once
from tests.scenario.server import served

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


def rows(_form: Form) -> Iterator[Row]:
    """Give the row."""
    with tempfile.TemporaryDirectory() as name:
        house = door.write_house(Path(name) / "house")
        with served(house, f"sqlite:///{name}/tokens.db") as server:
            listed = uvloop.run(once(server.port, request()))
    tools = listed["result"]["tools"]  # type: ignore[index] # as the protocol has it
    text = json.dumps(tools, ensure_ascii=False, separators=(",", ":"))
    count = float(openai.o200k_base().count(text))
    yield compared(
        "tokens",
        f"tools/list, {len(tools)} tools",
        unit="tokens",
        ours=(count,),
        target=at_most(2500, "tokens"),
    )


def request() -> bytes:
    """Return the request for the list."""
    headers = {
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": client.ERAS["handshake"],
    }
    return client.post("/mcp", json.dumps(LIST).encode(), headers)
