"""What all faces share: the door to the services, statuses, correlation ids and JSON."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Protocol

from bylaw.base.plain import Plain
from bylaw.model.actor import Actor
from bylaw.model.endpoint import Endpoint
from bylaw.services.answer import Answer, refusal
from bylaw.services.caller import Caller
from bylaw.services.endpoint_tool import ActionTool

# The status of each error of the one refusal; whatever is not in it is our own fault.
STATUS: Mapping[str, HTTPStatus] = {
    "unknown": HTTPStatus.NOT_FOUND,
    "bad-params": HTTPStatus.UNPROCESSABLE_ENTITY,
    "which-instance": HTTPStatus.UNPROCESSABLE_ENTITY,
    "runs-outside": HTTPStatus.UNPROCESSABLE_ENTITY,
    "key-reused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "denied": HTTPStatus.FORBIDDEN,
    "needs-approval": HTTPStatus.FORBIDDEN,
    "unauthenticated": HTTPStatus.UNAUTHORIZED,
    "not-in-state": HTTPStatus.CONFLICT,
    "guard": HTTPStatus.CONFLICT,
    "stale": HTTPStatus.CONFLICT,
    "outcome-unknown": HTTPStatus.CONFLICT,
    "rate-limited": HTTPStatus.TOO_MANY_REQUESTS,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
}
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str)
INTERNAL = "Not done: something went wrong inside. It was recorded."


def correlation_id() -> str:
    """Return a new id for one call, as answers and the log name it."""
    return f"req_{secrets.token_hex(6)}"


def unsaid() -> str:
    """Say nothing of the house."""
    return ""


def unwatched(_look: Callable[[], None]) -> None:
    """Never call anybody: where nothing changes."""


class Door(Protocol):
    """The one way in: the gateway."""

    async def call(self, tool: str, arguments: Mapping[str, Plain], caller: Caller) -> Answer:
        """Answer a call of one of the eight tools; `ok` stands first."""
        ...

    def status(self) -> Answer:
        """Return which snapshot and policies are live, and the problems of a newer one."""
        ...


class Desk(Protocol):
    """The endpoints of the live house, and the actions that are tools there."""

    def live(self) -> Mapping[str, Endpoint]:
        """Return the endpoints by name."""
        ...

    def tools(self, caller: Caller) -> tuple[ActionTool, ...]:
        """Return the actions that are tools for a caller where it came in."""
        ...

    def seen(self, endpoint: Endpoint) -> Mapping[str, tuple[ActionTool, ...]]:
        """Return the same for everybody who has an identity in the house, by id."""
        ...

    async def call(self, name: str, arguments: Mapping[str, Plain], caller: Caller) -> Answer:
        """Answer a call of a tool that is none of the eight."""
        ...


class Identify(Protocol):
    """Who comes with a token; the one way to an actor."""

    def __call__(self, token: str | None, *, loopback: bool) -> Actor | None:
        """Return the actor; nothing for an unknown token, or none from elsewhere."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What a face is given: the door, who callers are, and the world outside.

    `health` needs no caller and says nothing that needs one. `about` is what the live house says
    of itself, and `watch` is told what to call whenever another one is live. `hosts` are the
    names, besides the loopback ones, that the server is called by; `origins` the web pages,
    besides its own, that may call it.
    """

    door: Door
    desk: Desk
    identify: Identify
    health: Callable[[], Answer]
    clock: Callable[[], datetime]
    about: Callable[[], str] = unsaid
    watch: Callable[[Callable[[], None]], None] = unwatched
    new_id: Callable[[], str] = correlation_id
    scope: str = "main"
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    largest_bytes: int = 1_048_576
    body_s: float = 30.0

    def refused(self, error: str, summary: str, *, call_id: str, **members: Plain) -> Answer:
        """Return the one refusal, for what never reaches the services."""
        moment = self.clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return refusal(
            error, summary, **members, correlation_id=call_id, timestamp=moment
        ).answer()


def status_of(answer: Answer) -> int:
    """Return the HTTP status of an answer."""
    if answer.get("ok"):
        return HTTPStatus.OK
    return STATUS.get(str(answer.get("error")), HTTPStatus.INTERNAL_SERVER_ERROR)


def encode(answer: Plain) -> str:
    """Return an answer as compact JSON text."""
    return ENCODER.encode(answer)
