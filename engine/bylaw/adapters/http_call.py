"""Calls of `http` actions to the outside: allow-listed hosts, bounded time, bounded answers.

No redirect is followed, no cookie is kept, and nothing is taken from the environment (proxies,
`.netrc`). Messages name the host alone: addresses, headers and bodies may hold secrets, so no
exception of the client goes along as a cause either. Retrying is the caller's business.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self

import httpx2

from bylaw.base.errors import CallFailed
from bylaw.base.host import host_of, may_call
from bylaw.base.plain import Plain, Record

ANSWER_BYTES = 1024 * 1024
TEXT_LENGTH = 10_000
MESSAGE_LENGTH = 200
CONNECTIONS = 100
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
RETRYABLE = frozenset({408, 425, 429})
GATEWAY_TIMEOUT = 504
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}\Z")
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# Headers that say how a message is framed or where it goes: the client's own.
FRAMING = frozenset(
    {"accept-encoding", "connection", "content-length", "expect", "host", "keep-alive"}
    | {"proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingCall:
    """A call as it goes out. `hosts` are the only ones it may go to: names, `name:port`, `*.name`.

    Secrets are filled in already, so it does not show its address, headers and body.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: Plain | None = field(repr=False)
    timeout_s: float
    idempotency_key: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A good answer: a JSON object as it is, other JSON as `value`, anything else as `text`."""

    status: int
    result: Record


@dataclass(slots=True)
class _Progress:
    """How far one call came: once sent, it may have happened."""

    sent: bool = False

    async def trace(self, event: str, _info: Mapping[str, object]) -> None:
        """Note that the request starts to go out."""
        if event.endswith("send_request_headers.started"):
            self.sent = True


class HttpCaller:
    """Makes calls over one pool of connections; open it with `async with`."""

    def __init__(self) -> None:
        """Connect to nothing yet."""
        self._client: httpx2.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        """Open the pool."""
        self._client = httpx2.AsyncClient(
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            headers={"Accept": "application/json, text/plain;q=0.9, */*;q=0.1"},
            limits=httpx2.Limits(max_connections=CONNECTIONS, keepalive_expiry=5.0),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the pool."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def call(self, request: OutgoingCall) -> Reply:
        """Make one call and return its answer; never tries twice.

        Raises:
            CallFailed: it may not go out, or there was no answer that can be used.
        """
        url = _allowed_url(request)
        content, headers = _content(request), _headers(request)
        progress = _Progress()
        async with _reported(url.host, progress, request.timeout_s):
            outgoing = self._opened().build_request(
                request.method,
                url,
                headers=headers,
                content=content,
                timeout=request.timeout_s,
                extensions={"trace": progress.trace},
            )
            return await self._answer(outgoing)

    def _opened(self) -> httpx2.AsyncClient:
        if self._client is None:
            raise CallFailed("calls to the outside are closed", retryable=True)
        return self._client

    async def _answer(self, outgoing: httpx2.Request) -> Reply:
        response = await self._opened().send(outgoing, stream=True)
        try:
            body = await _body(response)
        finally:
            await response.aclose()
        if not response.is_success:
            raise _refused(response, body)
        return Reply(status=response.status_code, result=_result(response, body))


def _allowed_url(request: OutgoingCall) -> httpx2.URL:
    """Return the address, if the call may go there."""
    try:
        url = httpx2.URL(request.url)
    except (httpx2.InvalidURL, UnicodeError):
        raise CallFailed("the address cannot be read", retryable=False) from None
    if url.scheme not in {"http", "https"}:
        raise CallFailed(f"`{url.scheme}` is no way to call: use http or https", retryable=False)
    if url.userinfo or "@" in url.netloc.decode("ascii", "replace"):
        text = "the address holds a user or a password: send them in a header"
        raise CallFailed(text, retryable=False)
    # Read back from what the client will connect to, so that both mean the same host.
    host = host_of(str(url.copy_with(path="/", query=None, fragment=None)))
    if host is None or not may_call(host, request.hosts):
        raise CallFailed(f"`{host or url.host}` is not a host that may be called", retryable=False)
    return url


def _headers(request: OutgoingCall) -> list[tuple[bytes, bytes]]:
    """Return the headers to send, if none of them would break out of its line."""
    if request.method not in METHODS:
        raise CallFailed(f"`{request.method[:20]}` is not a method", retryable=False)
    given = dict(request.headers)
    if "idempotency-key" not in {name.lower() for name in given}:
        given["Idempotency-Key"] = request.idempotency_key
    for name, value in given.items():
        if not HEADER_NAME.match(name) or name.lower() in FRAMING:
            text = f"`{ascii(name[:50])[1:-1]}` is not a header that can be set"
            raise CallFailed(text, retryable=False)
        if CONTROL.search(value):
            raise CallFailed(f"the header `{name}` has a line break in it", retryable=False)
    if request.body is not None and "content-type" not in {name.lower() for name in given}:
        given["Content-Type"] = "application/json"
    given["Accept-Encoding"] = "identity"  # an answer's size is counted as it is sent
    return [(name.encode(), value.strip().encode()) for name, value in given.items()]


def _content(request: OutgoingCall) -> bytes | None:
    if request.body is None:
        return None
    try:
        return json.dumps(request.body, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        raise CallFailed("the body is not JSON", retryable=False) from None


@asynccontextmanager
async def _reported(host: str, progress: _Progress, timeout_s: float) -> AsyncIterator[None]:
    """Bound the time of a call, and say in Bylaw's words what went wrong with it."""
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except (TimeoutError, httpx2.TimeoutException):
        doing = "did not answer" if progress.sent else "could not be reached"
        text = f"`{host}` {doing} within {timeout_s:g} s"
        raise CallFailed(text, retryable=True, unknown=progress.sent) from None
    except httpx2.TransportError:
        doing = "ended the connection" if progress.sent else "could not be reached"
        text = f"`{host}` {doing}"
        raise CallFailed(text, retryable=True, unknown=progress.sent) from None
    except (httpx2.RequestError, httpx2.InvalidURL, UnicodeError):
        text = f"the call to `{host}` cannot be made as it is written"
        raise CallFailed(text, retryable=False, unknown=progress.sent) from None


async def _body(response: httpx2.Response) -> bytes:
    """Read an answer of bounded size; of a refusal, what fits is enough."""
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_raw():
        parts.append(part)
        size += len(part)
        if size > ANSWER_BYTES:
            break
    if size > ANSWER_BYTES and response.is_success:
        text = f"`{response.url.host}` answered with more than {ANSWER_BYTES // 1024} kB"
        raise CallFailed(text, retryable=False, unknown=True)
    return b"".join(parts)


def _result(response: httpx2.Response, body: bytes) -> Record:
    """Return what was answered, as a record."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        text = f"`{response.url.host}` answered in a compressed form, which was not asked for"
        raise CallFailed(text, retryable=False, unknown=True)
    if not body:
        return {}
    try:
        value = _json(response, body)
    except (ValueError, RecursionError):
        return {"text": _text(body, TEXT_LENGTH)}
    return value if isinstance(value, dict) else {"value": value}


def _json(response: httpx2.Response, body: bytes) -> Plain:
    """Return the body as JSON; raises `ValueError` where it is not, or does not say so."""
    if "json" not in response.headers.get("content-type", "json").lower():
        raise ValueError("not JSON")
    return json.loads(body, parse_constant=_no_constant)


def _no_constant(name: str) -> Plain:
    raise ValueError(f"{name} is not JSON")


def _text(body: bytes, length: int) -> str:
    """Return the start of a body as text, without what a database could not keep."""
    text = body[: 4 * length + 4].decode("utf-8", "replace").replace("\x00", "\ufffd")
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _refused(response: httpx2.Response, body: bytes) -> CallFailed:
    """Return what an answer other than a good one means."""
    status, host = response.status_code, response.url.host
    if response.is_redirect:
        where = _pointed_to(response)
        text = f"`{host}` answered {status}{where}, and redirects are not followed"
        return CallFailed(text, retryable=False)
    said = _said(response, body)
    return CallFailed(
        f"`{host}` answered {status}{f': {said}' if said else ''}",
        retryable=status in RETRYABLE or response.is_server_error,
        unknown=status == GATEWAY_TIMEOUT,
    )


def _pointed_to(response: httpx2.Response) -> str:
    """Return where a redirect points, without query and user."""
    if not response.has_redirect_location:
        return ""
    try:
        url = response.url.join(response.headers.get("location", ""))
        bare = url.copy_with(username="", password="", query=None, fragment=None)
    except (httpx2.InvalidURL, UnicodeError):
        return ""
    return f" and points to `{str(bare)[:MESSAGE_LENGTH]}`"


def _said(response: httpx2.Response, body: bytes) -> str:
    """Return the reason that a refusal gives, if it is JSON and has one."""
    try:
        value = _json(response, body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(value, dict):
        return ""
    told = (value.get(name) for name in ("error", "message", "detail"))
    inner = (one.get("message") if isinstance(one, dict) else one for one in told)
    said = next((one for one in inner if isinstance(one, str) and one.strip()), "")
    line = " ".join(said.split())
    return line if len(line) <= MESSAGE_LENGTH else f"{line[: MESSAGE_LENGTH - 1]}…"
