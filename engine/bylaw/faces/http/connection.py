"""One connection: what it may cost in bytes and seconds before there is a request to judge.

The gate sees a request only when its head is complete. Heads without end, heads a byte at a time,
answers that nobody reads and connections without number are ended here; what can be answered is
answered in the one refusal shape.
"""

import resource
from asyncio import TimerHandle
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from typing import Any, ClassVar

import httptools
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from bylaw.faces.wire import Front, encode

log = structlog.get_logger(__name__)

# Files of the process that are left for the store, the house and the log.
KEPT_FILES = 128
FEWEST_CONNECTIONS = 16
# So many bytes may come for each byte of a body. Chunks of one byte take six, and a call each:
# a body of nothing else would hold up everybody.
OVERHEAD = 2
# Numbers the moments at which connections fall silent: the clock of the loop gives many the same.
TURNS = count(1)
BODIES = frozenset({b"content-length", b"transfer-encoding"})
UPGRADE = "`Upgrade` with a body is not taken: send plain HTTP/1.1."


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a connection may cost.

    `write_s` is how long a client may leave an answer unread, `linger_s` how long one that was
    refused may take to read why.
    """

    head_bytes: int = 65_536
    head_s: float = 10.0
    write_s: float = 30.0
    linger_s: float = 2.0
    connections: int = 1_000


class TooMuch(Exception):
    """A request is not taken before its body comes; the parser ends with it."""


def bounds_here() -> Bounds:
    """Return the bounds of this process: no more connections than it may open files."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return Bounds()
    return Bounds(
        connections=min(Bounds().connections, max(files - KEPT_FILES, FEWEST_CONNECTIONS))
    )


class Connection(HttpToolsProtocol):
    """uvicorn's connection, bounded; `connections` makes the class for a server."""

    front: ClassVar[Front]
    bounds: ClassVar[Bounds]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with the head of a first request still to come."""
        super().__init__(*args, **kwargs)
        self.since = 0
        self._in_head = True
        # Bytes that came and have become neither a head nor a body yet.
        self._unread = 0
        self._deaf = False
        self._deadline: TimerHandle | None = None
        self._stalled: TimerHandle | None = None
        self._running: RequestResponseCycle | None = None

    def connection_made(self, transport: Any) -> None:
        """Take a connection, in the place of the most silent one if there are too many."""
        super().connection_made(transport)
        self.since = next(TURNS)
        self._expect_head()
        if len(self.connections) > self.bounds.connections and not self._displace():
            text = "There are too many connections at once."
            self._refuse("rate-limited", text, HTTPStatus.TOO_MANY_REQUESTS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        for timer in (self._deadline, self._stalled):
            if timer is not None:
                timer.cancel()
        if self._running is not None:
            # Of several requests behind each other, uvicorn only tells the last one.
            self._running.disconnected = True
            self._running.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the connection has been refused."""
        if self._deaf:
            return
        self._unset_keepalive_if_required()
        self._unread += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._take_no_more()
        except httptools.HttpParserError as error:
            self._refuse_unread(error.__context__)
        else:
            self._weigh()

    def _weigh(self) -> None:
        """Refuse what grows and is no request; begin to wait for a head that is not whole."""
        if self._unread > self.bounds.head_bytes:
            self._refuse_unread(TooMuch())
        elif self._in_head and self._unread and self._deadline is None:
            self._expect_head()

    def on_message_begin(self) -> None:
        """Note that a head begins."""
        super().on_message_begin()
        self._in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what comes behind a body as one is dropped."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin a request, unless its head is too large for one."""
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self.bounds.head_bytes:
            raise TooMuch
        if self.parser.should_upgrade() and any(name in BODIES for name, _ in self.headers):
            raise TooMuch(UPGRADE)
        self._in_head = False
        self._unread = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        self._unread = max(0, self._unread - OVERHEAD * len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the next head may come."""
        self._unread = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for what comes next; a closed connection has to be read out in time."""
        super().on_response_complete()
        self.since = next(TURNS)
        if self.transport.is_closing():
            self._abort_in(self.bounds.write_s)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that nothing comes over any more."""
        super().timeout_keep_alive_handler()
        self._abort_in(self.bounds.write_s)

    def pause_writing(self) -> None:
        """Wait for a client that does not read, but not for ever."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self.bounds.write_s, self._give_up)

    def resume_writing(self) -> None:
        """Go on: the client reads."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    @property
    def is_silent(self) -> bool:
        """Say whether no request is under way here."""
        cycle = self._last_cycle()
        return not self._deaf and (cycle is None or cycle.response_complete)

    def _last_cycle(self) -> RequestResponseCycle | None:
        return self.cycle

    def _displace(self) -> bool:
        """End the connection that has been silent the longest, if there is one but this."""
        others = (one for one in self.connections if isinstance(one, Connection))
        silent = [one for one in others if one is not self and one.is_silent]
        if not silent:
            return False
        oldest = min(silent, key=lambda one: one.since)
        oldest.transport.abort()
        self.connections.discard(oldest)
        return True

    def _expect_head(self) -> None:
        self._deadline = self.loop.call_later(self.bounds.head_s, self._head_is_late)

    def _head_is_late(self) -> None:
        self._deadline = None
        if not self._unread:
            self.transport.close()
            return
        text = f"The head of the request did not arrive within {self.bounds.head_s:g} s."
        self._refuse("bad-params", text, HTTPStatus.REQUEST_TIMEOUT)

    def _give_up(self) -> None:
        log.info("client does not read its answer", client=self.client)
        self.transport.abort()

    def _abort_in(self, seconds: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _take_no_more(self) -> None:
        """Let the answer that is under way out, and end there."""
        self._deaf = True
        cycle = self._last_cycle()
        if cycle is not None:
            cycle.keep_alive = False

    def _refuse_unread(self, cause: BaseException | None) -> None:
        if not isinstance(cause, TooMuch):
            self._refuse("bad-params", "This is no HTTP/1.1 request.", HTTPStatus.BAD_REQUEST)
        elif cause.args:
            self._refuse("bad-params", str(cause), HTTPStatus.BAD_REQUEST)
        else:
            text = f"What stands around the body has more than {self.bounds.head_bytes} bytes."
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            self._refuse("too-large", text, status)

    def _refuse(self, error: str, summary: str, status: HTTPStatus) -> None:
        """Answer what is no request, unless an answer is under way; then end."""
        cycle = self._last_cycle()
        if cycle is not None and not cycle.response_complete:
            if cycle.response_started or not cycle.more_body:
                self._take_no_more()
                return
            cycle.disconnected = True
            cycle.message_event.set()
        self._deaf = True
        call_id = self.front.new_id()
        log.info("refused before the gate", error=error, correlation_id=call_id)
        answer = encode(self.front.refused(error, summary, call_id=call_id)).encode()
        self.transport.write(head_of(answer, status, call_id=call_id) + answer)
        self.transport.write_eof()
        self._abort_in(self.bounds.linger_s)


def head_of(answer: bytes, status: HTTPStatus, *, call_id: str) -> bytes:
    """Return the head of an answer after which the connection ends."""
    retry = ("Retry-After: 1",) if status == HTTPStatus.TOO_MANY_REQUESTS else ()
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Content-Type: application/json",
        f"Content-Length: {len(answer)}",
        "Connection: close",
        "Cache-Control: no-store",
        f"X-Correlation-Id: {call_id}",
        *retry,
    )
    return "\r\n".join((*lines, "", "")).encode()


def connections(front: Front, bounds: Bounds) -> type[Connection]:
    """Return the connections of a server as uvicorn takes them."""

    class Ours(Connection):
        """A connection of this server."""

    Ours.front = front
    Ours.bounds = bounds
    return Ours
