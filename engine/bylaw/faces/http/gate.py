"""The gate before every HTTP face, MCP's included: Host, Origin, identity, size, last defence.

Whatever it refuses is refused in the one shape. It knows nothing of tools.
"""

import asyncio
from contextlib import suppress

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bylaw.adapters.log import correlated
from bylaw.faces.http.header import Sent, bearer, host_name, is_address, is_loopback, is_origin
from bylaw.faces.http.reply import refused
from bylaw.faces.wire import INTERNAL, Front
from bylaw.model.actor import Actor
from bylaw.services.caller import Caller

log = structlog.get_logger(__name__)

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
# A proxy on this machine speaks for callers from elsewhere: they are not on loopback.
FORWARDING = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
PUBLIC = frozenset({"/health"})
CHALLENGE = {"WWW-Authenticate": "Bearer"}
GUARDS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)
# What is thrown away of a body that is not taken, so that its sender comes to read why.
DRAINED_BYTES = 16 * 1024 * 1024
DRAINED_S = 5.0
# Bodies up to the first size are always taken; all larger ones together may have the second.
SMALL_BYTES = 65_536
LARGE_BODIES_BYTES = 64 * 1024 * 1024


class Room:
    """The memory that large bodies share while they are read."""

    def __init__(self, size_bytes: int = LARGE_BODIES_BYTES) -> None:
        """Begin empty."""
        self.left_bytes = size_bytes

    def take(self, size_bytes: int) -> bool:
        """Take a part of it, if so much is left."""
        if size_bytes > self.left_bytes:
            return False
        self.left_bytes -= size_bytes
        return True


class NoRoom(Exception):
    """Other large bodies are being read; this one has to come again."""


class Gate:
    """Lets through who is known, and what is small enough.

    It puts `caller` and `correlation_id` into the state of the request.
    """

    def __init__(self, app: ASGIApp, front: Front, room: Room | None = None) -> None:
        """Stand before an app."""
        self._app = app
        self._front = front
        self.room = room or Room()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request and hand it on."""
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        visit = Visit(front=self._front, room=self.room, scope=scope, receive=receive, send=send)
        try:
            with correlated(visit.call_id):
                await visit.hand_on(self._app)
        except ClientDisconnect:
            return
        except Exception:
            # The last line of defence: the caller learns nothing of the inside.
            log.exception("request failed", path=scope["path"], correlation_id=visit.call_id)
            await visit.fail()
        finally:
            visit.leave()

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        await send({"type": "websocket.close", "code": 1008})


class Visit:
    """One request at the gate."""

    def __init__(
        self, *, front: Front, room: Room, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Begin with a correlation id of our own; what callers send as one is not trusted."""
        self.call_id = front.new_id()
        self._front = front
        self._room = room
        self._taken_bytes = 0
        self._scope = scope
        self._receive = receive
        self._send = send
        self._headers = Sent(scope["headers"])
        self._body: bytes | None = None
        self._more = self._has_body()
        self._is_slow = False
        self._state = scope.setdefault("state", {})
        self._state["correlation_id"] = self.call_id
        self._started = False

    async def hand_on(self, app: ASGIApp) -> None:
        """Hand the request to an app, if it may pass."""
        if await self.may_pass():
            await app(self._scope, self.receive_again, self.send_on)

    async def may_pass(self) -> bool:
        """Check everything, in the order in which an attacker learns least."""
        if not await self._known_host() or not await self._own_origin():
            return False
        is_public = self._scope["path"] in PUBLIC
        actor = self._known() if is_public else await self._actor()
        if actor is not None:
            self._admit(actor)
        return (is_public or actor is not None) and await self._take_body()

    def _admit(self, actor: Actor) -> None:
        self._state["caller"] = Caller(
            actor=actor,
            scope=self._front.scope,
            endpoint=self._scope["path"],
            correlation_id=self.call_id,
        )

    async def _known_host(self) -> bool:
        """Refuse names that are not ours: a web page may have pointed its own at us."""
        hosts = self._headers.every("host")
        name = host_name(hosts[0]) if len(hosts) == 1 else ""
        server = self._scope.get("server") or ("", 0)
        if name in LOOPBACK_NAMES or name in self._front.hosts:
            return True
        if name and name == server[0] and is_address(name):
            return True
        shown = name[:80] or "(none)"
        return await self._refuse("denied", f"`{shown}` is not a name of this server.")

    async def _own_origin(self) -> bool:
        """Refuse web pages of other origins; programs send no Origin."""
        origins = self._headers.every("origin")
        if not origins:
            return True
        own = self._headers.first("host").lower()
        if len(origins) == 1 and (is_origin(origins[0], own) or origins[0] in self._front.origins):
            return True
        return await self._refuse(
            "denied", "Web pages of another origin may not call this server."
        )

    def _known(self) -> Actor | None:
        sent = self._headers.every("authorization")
        token = bearer(sent[0]) if len(sent) == 1 else None
        if sent and not token:
            return None
        return self._front.identify(token, loopback=self._is_loopback())

    async def _actor(self) -> Actor | None:
        """Return who calls. A token that is sent must be known, on loopback too."""
        actor = self._known()
        if actor is None:
            sent = self._headers.every("authorization")
            known = "The token is not known." if sent else "A token is needed."
            text = f"{known} Send `Authorization: Bearer <token>` with a token of `actors:`."
            await self._refuse("unauthenticated", text, headers=CHALLENGE)
        return actor

    def _is_loopback(self) -> bool:
        client = self._scope.get("client")
        if client is None or any(name in self._headers for name in FORWARDING):
            return False
        return is_loopback(client[0])

    def _has_body(self) -> bool:
        length = self._headers.first("content-length", "0")
        return length != "0" or "transfer-encoding" in self._headers

    async def _take_body(self) -> bool:
        """Read the whole body, up to the limit in size and time."""
        length = self._headers.first("content-length", "0")
        if length.isdecimal() and int(length[:18]) > self._front.largest_bytes:
            return await self._too_large()
        if not self._more:
            return True
        try:
            async with asyncio.timeout(self._front.body_s):
                self._body = await self._read()
        except TimeoutError:
            # Whoever is that slow is not waited for a second time.
            self._is_slow = True
            text = f"The body did not arrive within {self._front.body_s:g} s."
            return await self._refuse("bad-params", text)
        except NoRoom:
            text = "Too many large bodies are being read; send this one again."
            return await self._refuse("rate-limited", text)
        return self._body is not None or await self._too_large()

    async def _read(self) -> bytes | None:
        """Return the body, or nothing if it is larger than is taken."""
        chunks = bytearray()
        while self._more:
            chunks += await self._chunk()
            if len(chunks) > self._front.largest_bytes:
                return None
            self._make_room(len(chunks))
        return bytes(chunks)

    async def _chunk(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        self._more = message.get("more_body", False)
        return bytes(message.get("body", b""))

    def _make_room(self, size_bytes: int) -> None:
        """Count a body that is no small one any more among the large ones."""
        if size_bytes <= SMALL_BYTES:
            return
        if not self._room.take(size_bytes - self._taken_bytes):
            raise NoRoom
        self._taken_bytes = size_bytes

    def leave(self) -> None:
        """Give back what the body took."""
        self._room.left_bytes += self._taken_bytes
        self._taken_bytes = 0

    async def _drain(self) -> None:
        """Throw away what is still sent of a body, for a while: who sends does not read yet."""
        if not self._more or self._is_slow or "expect" in self._headers:
            return
        drained = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAINED_S):
                while drained < DRAINED_BYTES and self._is_coming():
                    drained += len(await self._chunk())

    def _is_coming(self) -> bool:
        return self._more

    async def _too_large(self) -> bool:
        text = f"The body is larger than {self._front.largest_bytes} bytes."
        return await self._refuse("too-large", text)

    async def receive_again(self) -> Message:
        """Give the app the body that was read already, then what comes after it."""
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send_on(self, message: Message) -> None:
        """Send a message of the app, with the headers that every answer has."""
        if message["type"] == "http.response.start":
            self._started = True
            own = [*GUARDS, (b"x-correlation-id", self.call_id.encode())]
            kept = [pair for pair in message.get("headers", ()) if pair[0] != b"cache-control"]
            message = {**message, "headers": [*kept, *own]}
        await self._send(message)

    async def fail(self) -> None:
        """Answer a request that broke, unless its answer is under way already."""
        if not self._started:
            await self._refuse("internal", INTERNAL)

    async def _refuse(
        self, error: str, summary: str, *, headers: dict[str, str] | None = None
    ) -> bool:
        seen = {"path": self._scope["path"], "client": self._scope.get("client")}
        log.info("refused at the gate", error=error, correlation_id=self.call_id, **seen)
        self.leave()
        await self._drain()
        ending = {"Connection": "close"} if self._more else {}
        answer = self._front.refused(error, summary, call_id=self.call_id)
        response = refused(answer, headers={**ending, **(headers or {})})
        await response(self._scope, self._receive, self.send_on)
        return False
