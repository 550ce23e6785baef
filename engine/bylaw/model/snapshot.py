"""The snapshot: everything the house says, compiled, linked and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bylaw.base.place import Place
from bylaw.model.access import AccessMode
from bylaw.model.action import Action
from bylaw.model.document import Document
from bylaw.model.event import Event
from bylaw.model.persona import Persona
from bylaw.model.policy import Policy, Rule
from bylaw.model.server import Server
from bylaw.model.workflow import Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundPolicy:
    """A policy as it stands over one action: only the rules that select this action."""

    policy: Policy
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One state of the house. Immutable; a request uses one from beginning to end.

    `rules` is the index: action name → the policies that apply to it, each with the rules
    that select it, in document order. Names that are not in the catalogue (a tool of a client
    that nobody declared) are looked up by `wildcard` policies, those that select by glob.
    """

    digest: str
    scope: str
    git_commit: str | None
    compiled_at: datetime
    server: Server
    actions: Mapping[str, Action]
    events: Mapping[str, Event]
    workflows: Mapping[str, Workflow]
    policies: Mapping[str, Policy]
    rules: Mapping[str, tuple[BoundPolicy, ...]]
    personas: Mapping[str, Persona]
    modes: Mapping[str, AccessMode]
    origins: Mapping[str, Place]
    documents: tuple[Document, ...] = field(repr=False)

    def __hash__(self) -> int:
        """Hash by digest."""
        return hash(self.digest)
