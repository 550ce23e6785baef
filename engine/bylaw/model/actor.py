"""Who acts, and lists of who may."""

from collections.abc import Mapping
from dataclasses import dataclass

from bylaw.base.plain import Plain
from bylaw.model.condition import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person, agent, service, or the engine itself (`kind: system`).

    `works_for` is the id of the person an agent acts for; an agent never gets more than
    that person has.
    """

    id: str
    kind: str = "agent"
    roles: tuple[str, ...] = ()
    works_for: str | None = None

    def record(self, access: tuple[str, ...] = ()) -> dict[str, Plain]:
        """Return what conditions see as `actor`; `access` are the names of its modes."""
        return {
            "id": self.id,
            "kind": self.kind,
            "roles": list(self.roles),
            "works_for": self.works_for,
            "access": list(access),
        }


ENGINE = Actor(id="bylaw", kind="system")


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A who list: roles, `kind:agent`, `id:ana`, and groups that follow from the facts."""

    roles: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    groups: Mapping[str, Condition]
    words: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """Hash by the author's words."""
        return hash(self.words)
