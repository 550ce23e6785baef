"""Calls to a real server on this machine: what comes back, and what goes wrong."""

import asyncio
import json
import traceback
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bylaw.adapters.http_call import ANSWER_BYTES, HttpCaller, OutgoingCall, Reply
from bylaw.base.errors import CallFailed
from bylaw.base.plain import Plain

PRIVATE = "hunter2-in-the-address"


@dataclass
class Outside:
    """A server that answers every request with the same bytes, and keeps what it was sent."""

    answer: bytes = b""
    hangs: bool = False
    port: int = 0
    heard: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.heard.append(head + await reader.readexactly(length_of(head)))
                writer.write(self.answer)
                await writer.drain()
                if self.hangs:
                    await reader.read()
                if b"Connection: close" in self.answer or not self.answer:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def length_of(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return sum(int(line[15:]) for line in lines if line.startswith(b"content-length:"))


def http(
    status: str = "200 OK", body: str | bytes = b"", /, sort: str = "application/json", **more: str
) -> bytes:
    plain = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(plain)}", f"Content-Type: {sort}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
    return "\r\n".join([*lines, "", ""]).encode() + plain


@asynccontextmanager
async def outside(answer: bytes, *, hangs: bool = False) -> AsyncIterator[Outside]:
    there = Outside(answer=answer, hangs=hangs)
    server = await asyncio.start_server(there.serve, "127.0.0.1", 0)
    there.port = server.sockets[0].getsockname()[1]
    try:
        yield there
    finally:
        server.close()


def call_to(
    there: Outside,
    *,
    path: str = "/runs",
    headers: Mapping[str, str] | None = None,
    body: Plain | None = None,
    timeout_s: float = 5.0,
    hosts: tuple[str, ...] = ("127.0.0.1",),
) -> OutgoingCall:
    return OutgoingCall(
        method="POST",
        url=f"http://127.0.0.1:{there.port}{path}",
        headers=headers or {},
        body=body,
        timeout_s=timeout_s,
        idempotency_key="eff_1",
        hosts=hosts,
    )


async def answered(answer: bytes) -> Reply:
    async with outside(answer) as there, HttpCaller() as caller:
        return await caller.call(call_to(there))


async def failure(answer: bytes, *, hangs: bool = False, timeout_s: float = 5.0) -> CallFailed:
    async with outside(answer, hangs=hangs) as there, HttpCaller() as caller:
        with pytest.raises(CallFailed) as failed:
            await caller.call(call_to(there, timeout_s=timeout_s))
    return failed.value


async def refused(url: str, *, hosts: tuple[str, ...] = ("ci.example",)) -> CallFailed:
    call = OutgoingCall(
        method="GET",
        url=url,
        headers={},
        body=None,
        timeout_s=0.5,
        idempotency_key="eff_1",
        hosts=hosts,
    )
    async with HttpCaller() as caller:
        with pytest.raises(CallFailed) as failed:
            await caller.call(call)
    return failed.value


async def test_call_sends_its_body_its_headers_and_its_key() -> None:
    async with outside(http("200 OK", '{"run": "1"}')) as there, HttpCaller() as caller:
        call = call_to(there, headers={"Authorization": "Bearer x"}, body={"ref": "main", "ü": 1})
        reply = await caller.call(call)

    head, _, body = there.heard[0].partition(b"\r\n\r\n")
    assert (reply.status, reply.result) == (200, {"run": "1"})
    assert head.startswith(b"POST /runs HTTP/1.1\r\n")
    assert b"\r\nIdempotency-Key: eff_1\r\n" in head
    assert b"\r\nAuthorization: Bearer x\r\n" in head
    assert b"\r\nContent-Type: application/json" in head
    assert json.loads(body) == {"ref": "main", "ü": 1}


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (http("200 OK", "[1, 2]"), {"value": [1, 2]}),
        (http("200 OK", "null"), {"value": None}),
        (http("204 No Content"), {}),
        (http("200 OK", "all is well", sort="text/plain"), {"text": "all is well"}),
        (http("200 OK", '{"a": 1}', sort="text/plain"), {"text": '{"a": 1}'}),
        (http("200 OK", '{"a": NaN}'), {"text": '{"a": NaN}'}),
        (http("200 OK", b"\xff\x00x", sort="application/x"), {"text": "\ufffd\ufffdx"}),
        (http("200 OK", "[" * 100_000), {"text": "[" * 9_999 + "…"}),
    ],
    ids=["list", "null", "empty", "text", "json-as-text", "nan", "bytes", "deep"],
)
async def test_any_good_answer_becomes_a_record(answer: bytes, result: Plain) -> None:
    assert (await answered(answer)).result == result


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
async def test_passing_trouble_may_be_tried_again(status: int) -> None:
    failed = await failure(http(f"{status} Oh"))

    assert (failed.retryable, failed.unknown) == (True, False)
    assert f"answered {status}" in str(failed)


async def test_gateway_that_gave_up_waiting_leaves_open_what_happened() -> None:
    failed = await failure(http("504 Oh"))

    assert (failed.retryable, failed.unknown) == (True, True)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"error": "no such branch"}', ": no such branch"),
        ('{"error": {"code": 7, "message": "no such branch"}}', ": no such branch"),
        ('{"detail": "a\\nb"}', ": a b"),
        (json.dumps({"message": "x" * 300}), f": {'x' * 199}…"),
        ('{"other": 1}', ""),
        ("no JSON", ""),
    ],
)
async def test_refusal_says_the_reason_that_the_answer_gives(body: str, said: str) -> None:
    failed = await failure(http("422 Oh", body))

    assert not failed.retryable
    assert str(failed) == f"`127.0.0.1` answered 422{said}"


async def test_redirect_is_not_followed_and_says_where_it_points() -> None:
    location = f"https://u:p@login.example/in?token={PRIVATE}#x"
    failed = await failure(http("302 Found", Location=location))

    assert not failed.retryable
    assert "points to `https://login.example/in`" in str(failed)


async def test_answer_of_any_size_is_cut_off_at_the_limit() -> None:
    failed = await failure(http("200 OK", b"x" * (ANSWER_BYTES + 1), sort="text/plain"))

    assert (failed.retryable, failed.unknown) == (False, True)
    assert "more than 1024 kB" in str(failed)


async def test_compressed_answer_is_not_unpacked() -> None:
    failed = await failure(http("200 OK", b"\x1f\x8b", Content_Encoding="gzip"))

    assert "compressed" in str(failed)


async def test_silence_after_sending_leaves_open_what_happened() -> None:
    failed = await failure(b"HTTP/1.1 ", hangs=True, timeout_s=0.1)

    assert (failed.retryable, failed.unknown) == (True, True)
    assert str(failed) == "`127.0.0.1` did not answer within 0.1 s"


async def test_body_that_never_ends_is_cut_off_in_time() -> None:
    start = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nslow"
    failed = await failure(start, hangs=True, timeout_s=0.1)

    assert (failed.retryable, failed.unknown) == (True, True)


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nx"]
)
async def test_connection_closed_early_leaves_open_what_happened(answer: bytes) -> None:
    failed = await failure(answer)

    assert (failed.retryable, failed.unknown) == (True, True)
    assert str(failed) == "`127.0.0.1` ended the connection"


async def test_server_that_is_not_there_may_be_tried_again() -> None:
    async with outside(b"") as there:
        gone = there.port
    failed = await refused(f"http://127.0.0.1:{gone}/", hosts=("127.0.0.1",))

    assert (failed.retryable, failed.unknown) == (True, False)
    assert str(failed) == "`127.0.0.1` could not be reached"


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/",
        "http://ci.example.evil.example/",
        "http://evil.example/?http://ci.example",
        "http://evil.example#@ci.example/",
        "http://evil.example\\@ci.example/",
        "http://ci.example:80@evil.example/",
        "//ci.example/",
        "file:///etc/passwd",
        "ftp://ci.example/",
        "http://ci.example/\r\nHost: evil.example",
        "http://",
        "",
    ],
)
async def test_call_to_another_host_or_by_another_way_does_not_go_out(url: str) -> None:
    failed = await refused(url)

    assert (failed.retryable, failed.unknown) == (False, False)


@pytest.mark.parametrize(
    "hosts", [("127.0.0.1:1",), ("*.127.0.0.1",), ("127.0.0.10",), ("localhost",), ()]
)
async def test_host_list_is_exact(hosts: tuple[str, ...]) -> None:
    async with outside(http()) as there, HttpCaller() as caller:
        with pytest.raises(CallFailed, match="is not a host that may be called"):
            await caller.call(call_to(there, hosts=hosts))


async def test_host_with_its_port_may_be_called() -> None:
    async with outside(http()) as there, HttpCaller() as caller:
        reply = await caller.call(call_to(there, hosts=(f"127.0.0.1:{there.port}",)))

    assert reply.status == 200


async def test_password_in_the_address_is_refused_and_not_repeated() -> None:
    failed = await refused(f"https://ana:{PRIVATE}@ci.example/")

    assert PRIVATE not in str(failed)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": f"1\r\nX-B: {PRIVATE}"},
        {"X-A": f"{PRIVATE}\x00"},
        {f"X-A: 1\r\n{PRIVATE * 3}": "1"},
        {"Host": "evil.example"},
        {"Transfer-Encoding": "chunked"},
        {"": "1"},
    ],
)
async def test_header_cannot_break_out_of_its_line(headers: Mapping[str, str]) -> None:
    async with outside(http()) as there, HttpCaller() as caller:
        with pytest.raises(CallFailed) as failed:
            await caller.call(call_to(there, headers=headers))

    assert not failed.value.retryable
    assert there.heard == []


@pytest.mark.parametrize("answer", [b"", b"not HTTP at all\r\n\r\n", http("500 Oh")])
async def test_no_failure_shows_the_query_or_the_headers(answer: bytes) -> None:
    async with outside(answer) as there, HttpCaller() as caller:
        call = call_to(there, path=f"/?token={PRIVATE}", headers={"Authorization": PRIVATE})
        with pytest.raises(CallFailed) as failed:
            await caller.call(call)

    shown = "".join(traceback.format_exception(failed.value))
    assert PRIVATE not in shown
    assert PRIVATE not in repr(call)


async def test_cookies_of_one_call_do_not_reach_the_next() -> None:
    async with outside(http(Set_Cookie="sid=1; Path=/")) as there, HttpCaller() as caller:
        await caller.call(call_to(there))
        await caller.call(call_to(there))

    assert [b"cookie" in heard.lower() for heard in there.heard] == [False, False]


async def test_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")

    assert (await answered(http("200 OK", "{}"))).status == 200


async def test_closed_caller_says_so() -> None:
    async with outside(http()) as there:
        with pytest.raises(CallFailed, match="closed"):
            await HttpCaller().call(call_to(there))
