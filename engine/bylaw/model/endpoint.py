"""Endpoints: paths at which an MCP client finds a choice of tools."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bylaw.base.place import Place
from bylaw.base.plain import Plain

BUILT_IN = Place("built-in")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One endpoint. With `gateway` it has the eight tools, and with `tools` actions as tools.

    `tools` maps the name of each such tool to its action, in the order of the catalogue. `access`
    is the one mode that is in force here; without it, a caller has its own. `without` are the
    policies that do not count here.
    """

    name: str
    path: str
    gateway: bool = False
    tools: Mapping[str, str] = field(default_factory=dict)
    access: str | None = None
    without: frozenset[str] = frozenset()
    title: str = ""
    instructions: str = ""
    place: Place = field(default=BUILT_IN, compare=False)

    def __hash__(self) -> int:
        """Hash by name, which is unique in a snapshot."""
        return hash(self.name)

    @property
    def introduction(self) -> tuple[Plain, ...]:
        """Return what a client is told of the endpoint when it comes; the rest it asks for."""
        return (self.name, self.title, self.instructions, self.gateway)


MAIN = Endpoint(name="main", path="/mcp", gateway=True)
