"""Clients that send slowly, never read, or come in crowds; others do not wait for them."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

import pytest

from bylaw.base.plain import Plain
from bylaw.faces.http.connection import Bounds, connections
from bylaw.faces.http.gate import Gate, Room
from tests.faces.scripted import ScriptedDoor, app_of, front, serving
from tests.hostile.leaks import assert_is_refusal
from tests.hostile.wire import HOST, NOTHING, connected, post, read, sent

SHORT = Bounds(head_s=0.2, write_s=0.2, linger_s=0.2, connections=4)
LONG = Bounds(head_s=60, write_s=60, linger_s=0.2, connections=4)
HEALTH = b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n"


@contextmanager
def bounded(
    bounds: Bounds, *, door: ScriptedDoor | None = None, **changed: Plain
) -> Iterator[int]:
    """Serve a door with these bounds; give its port."""
    given = door or ScriptedDoor()
    app = app_of(given, **changed)
    with serving(app, http=connections(front(given), bounds), ws="none") as url:
        yield int(urlsplit(url).port or 0)


@pytest.mark.parametrize("begun", [b"G", b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "])
def test_head_that_does_not_come_to_its_end_is_refused_in_time(begun: bytes) -> None:
    with bounded(SHORT) as port:
        reply = sent(port, begun)

    assert reply.status == 408
    assert_is_refusal(reply.json())


def test_head_behind_an_answer_has_the_same_time() -> None:
    with bounded(SHORT) as port, connected(port) as wire:
        wire.sendall(HEALTH)
        first = read(wire)
        wire.sendall(b"GET /hea")
        second = read(wire)

    assert (first.status, second.status) == (200, 408)


def test_connection_that_says_nothing_is_closed_in_time() -> None:
    with bounded(SHORT) as port, connected(port) as wire:
        assert read(wire) == NOTHING


def test_body_a_byte_at_a_time_is_refused_in_time() -> None:
    with bounded(LONG, body_s=0.2) as port, connected(port) as wire:
        wire.sendall(b"POST /enforce HTTP/1.1\r\n" + HOST + b"Content-Length: 99\r\n\r\n{")
        reply = read(wire)

    assert (reply.status, reply.json()["error"]) == (422, "bad-params")
    assert reply.headers["connection"] == "close"


def test_answer_that_nobody_reads_ends_with_its_connection() -> None:
    large = ScriptedDoor({"enforce": {"ok": True, "summary": "x" * 8_000_000}})
    with bounded(SHORT, door=large) as port, connected(port) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        wire.sendall(post("/enforce", b'{"action": "git.push"}', closing=False) * 4)
        until_gone(wire)

        assert sent(port, HEALTH).status == 200


def until_gone(wire: socket.socket) -> None:
    """Wait, without reading, until the other side has given a connection up."""
    with suppress(ConnectionError):
        while True:
            wire.sendall(b" " * 65_536)


def test_too_many_silent_connections_make_room_for_one_that_speaks() -> None:
    with bounded(LONG) as port, ExitStack() as crowd:
        silent = [crowd.enter_context(connected(port)) for _ in range(SHORT.connections * 2)]
        reply = sent(port, HEALTH)

        assert reply.status == 200
        assert read(silent[0]) == NOTHING


def test_too_many_calls_at_once_are_refused() -> None:
    begun = b"POST /enforce HTTP/1.1\r\n" + HOST + b"Content-Length: 99\r\n\r\n{"
    with bounded(LONG) as port, ExitStack() as crowd:
        for _ in range(LONG.connections):
            one = crowd.enter_context(connected(port))
            one.sendall(HEALTH)
            assert read(one).status == 200
            one.sendall(begun)
        reply = sent(port, HEALTH)

    assert (reply.status, reply.json()["error"]) == (429, "rate-limited")
    assert reply.headers["retry-after"] == "1"


def test_sender_of_a_body_that_is_too_large_comes_to_read_why() -> None:
    with bounded(LONG) as port:
        reply = sent(port, post("/enforce", b"x" * 10_000_000))

    assert (reply.status, reply.json()["error"]) == (413, "too-large")


def test_large_bodies_share_a_room() -> None:
    given = front(ScriptedDoor())
    gate = Gate(app_of(ScriptedDoor()), given, room=Room(250_000))
    large, small = b"x" * 100_000, b'{"action": "git.push"}'
    with serving(gate) as url, ExitStack() as crowd:
        port = int(urlsplit(url).port or 0)
        held = [crowd.enter_context(connected(port)) for _ in range(2)]
        for wire in held:
            wire.sendall(post("/enforce", large)[:-1])
        wait_for_bodies(gate, 250_000 - 2 * (len(large) - 1))
        refused, taken = sent(port, post("/enforce", large)), sent(port, post("/enforce", small))
        held[0].close()
        wait_for_bodies(gate, 250_000 - len(large) + 1)

    assert (refused.status, refused.json()["error"], taken.status) == (429, "rate-limited", 200)


def wait_for_bodies(gate: Gate, left_bytes: int) -> None:
    """Wait until so much room is left."""
    while gate.room.left_bytes != left_bytes:
        time.sleep(0.01)


def test_upgrade_is_answered_as_plain_http() -> None:
    with bounded(LONG) as port:
        reply = sent(port, HEALTH[:-2] + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n")

    assert reply.status == 200


def test_second_request_behind_rubbish_does_not_spoil_the_answer_before_it() -> None:
    with bounded(LONG) as port:
        reply = sent(port, post("/enforce", b'{"action": "git.push"}', closing=False) + b"\0\0")

    assert reply.json()["summary"] == "local asked enforce."
