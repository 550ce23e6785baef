"""The server's own document: `bylaw.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bylaw.base.place import Place
from bylaw.base.plain import Plain
from bylaw.model.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownActor:
    """An actor of `actors:`. Only the SHA-256 of its token is kept; None means no token."""

    actor: Actor
    token_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """Where a process listens and keeps its state, which only a restart changes.

    None where nobody says.
    """

    host: str | None = None
    port: int | None = None
    store_url: str | None = None
    debounce_ms: int | None = None


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

    @property
    def station(self) -> Station:
        """Return where a process listens and keeps its state that is started with this."""
        return Station(
            host=self.host,
            port=self.port,
            store_url=self.store_url,
            debounce_ms=self.debounce_ms,
        )

    def at(self, station: Station) -> "Server":
        """Return the server at a station; what that does not say stays."""
        return replace(
            self,
            host=station.host or self.host,
            port=self.port if station.port is None else station.port,
            store_url=station.store_url or self.store_url,
            debounce_ms=self.debounce_ms if station.debounce_ms is None else station.debounce_ms,
        )


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
