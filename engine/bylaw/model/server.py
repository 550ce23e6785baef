"""The server's own document: `bylaw.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass

from bylaw.base.place import Place
from bylaw.base.plain import Plain
from bylaw.model.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownActor:
    """An actor of `actors:`. Only the SHA-256 of its token is kept; None means no token."""

    actor: Actor
    token_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What `bylaw.yaml` says. `hosts` are the hosts that `http` actions may call.

    `secrets` are values from the environment; they take no part in digests, and nothing
    prints them.
    """

    name: str
    description: str
    host: str
    port: int
    store_url: str
    debounce_ms: int
    roles: frozenset[str]
    actors: Mapping[str, KnownActor]
    local: Actor
    vars: Mapping[str, Plain]
    hosts: tuple[str, ...]
    secrets: Mapping[str, "Secret"]
    place: Place


class Secret:
    """A secret value that does not show itself in logs, reprs or JSON."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Keep the value."""
        self._value = value

    def reveal(self) -> str:
        """Return the value, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        """Hide the value."""
        return "Secret(…)"
