"""Bodies of REST and of JSON-RPC that no client sends, to a real server."""

import json
from http.client import HTTPConnection

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bylaw.base.plain import Plain
from tests.hostile import rubbish
from tests.hostile.leaks import assert_is_answered, assert_is_refused, assert_tells_nothing
from tests.hostile.wire import HOST, Reply, post, sent
from tests.scenario.server import TOKENS, Server

PATHS = ("/enforce", "/action", "/event", "/context/tasks/1")
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
LINES = (
    *(
        b"\x00\xff\xfe\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ),
    *(b"GET /\xff HTTP/1.1\r\n" + HOST + b"\r\n", b"CONNECT a:1 HTTP/1.1\r\n" + HOST + b"\r\n"),
    b"GET /health HTTP/1.1\r\nHost: a\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /health\r\n\r\n",
    b"GET /health HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 1_000_000 + b"\r\n\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /health HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 50_000 + b"\r\n",
    b"POST /enforce HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"POST /enforce HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\nab",
    b"POST /enforce HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999999999999\r\n\r\n",
    b"POST /enforce HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST /enforce HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /enforce HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n1;"
    + b"a" * 200_000,
    b"POST /enforce HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n0\r\nT: "
    + b"a" * 200_000,
    post("/enforce", b"{}", headers=("Upgrade: h2c", "Connection: Upgrade"), closing=False),
)


def ask(server: Server, path: str, body: bytes) -> Reply:
    """Send a body over the kept connection of a well-behaved client."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    media = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    connection.request("POST", path, body, media)
    answer = connection.getresponse()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    found = Reply(status=answer.status, headers=headers, body=answer.read())
    connection.close()
    return found


@given(st.sampled_from(PATHS), rubbish.texts_of_json)
@settings(max_examples=150)
def test_any_body_has_an_answer_of_rest(server: Server, path: str, body: bytes) -> None:
    reply = ask(server, path, body)

    assert_is_answered(reply.json())
    assert_tells_nothing(reply.text, server.house, TOKENS.values())


@given(rubbish.texts_of_json)
@settings(max_examples=100)
def test_any_body_that_is_no_message_is_refused_by_mcp(server: Server, body: bytes) -> None:
    assert_is_refused(ask(server, "/mcp", body), server.house)


@given(rubbish.calls)
@settings(max_examples=100)
def test_any_call_over_mcp_has_an_answer(server: Server, call: tuple[str, Plain]) -> None:
    body = {**CALL, "params": {"name": call[0], "arguments": call[1]}}

    reply = ask(server, "/mcp", json.dumps(body).encode())

    answer = reply.json()
    found = answer["error"]["data"] if "error" in answer else answer["result"]["structuredContent"]
    assert_is_answered(found)
    assert_tells_nothing(reply.text, server.house, TOKENS.values())


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[]", -32600),
        (b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600),
        (b"{}", -32600),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":1}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', -32600),
        (
            b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":'
            + b"[" * 60
            + b"]" * 60
            + b"}}",
            -32600,
        ),
        (b'{"jsonrpc":"2.0","id":1,"method":"x","method":"ping"}', -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":NaN}}', -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"\\uD800"}}', -32700),
        (b"\xff", -32700),
        (b"", -32700),
    ],
)
def test_what_is_no_message_gets_the_code_of_json_rpc(
    server: Server, body: bytes, code: int
) -> None:
    reply = ask(server, "/mcp", body)

    assert (reply.status, reply.json()["error"]["code"]) == (400, code)
    assert_is_refused(reply, server.house)


def test_message_that_can_be_told_by_its_id_is_refused_under_it(server: Server) -> None:
    reply = ask(server, "/mcp", b'{"jsonrpc":"2.0","id":"a","method":"ping","params":[]}')

    assert (reply.json()["id"], reply.json()["error"]["code"]) == ("a", -32600)


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_what_is_no_request_is_refused_or_the_connection_ends(server: Server, line: bytes) -> None:
    assert_is_refused(sent(server.port, line), server.house)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_mcp_is_spoken_by_post_alone(server: Server, method: str) -> None:
    reply = sent(server.port, f"{method} /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    assert (reply.status, reply.headers["allow"]) == (405, "post")
    assert_is_refused(reply, server.house)
