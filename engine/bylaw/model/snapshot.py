"""The snapshot: everything the house says, compiled, linked and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bylaw.base.place import Place
from bylaw.model.access import AccessMode
from bylaw.model.action import Action
from bylaw.model.document import Document
from bylaw.model.endpoint import Endpoint
from bylaw.model.event import Event
from bylaw.model.index import RuleTable
from bylaw.model.persona import Persona
from bylaw.model.policy import Policy
from bylaw.model.server import Server
from bylaw.model.workflow import Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One state of the house. Immutable; a request uses one from beginning to end.

    `rules` is the index: action name → the table of the policies that apply to it. A name that
    is not in the catalogue (a tool of a client that nobody declared) has no table.
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
    rules: Mapping[str, RuleTable]
    personas: Mapping[str, Persona]
    modes: Mapping[str, AccessMode]
    endpoints: Mapping[str, Endpoint]
    origins: Mapping[str, Place]
    documents: tuple[Document, ...] = field(repr=False)

    def __hash__(self) -> int:
        """Hash by digest."""
        return hash(self.digest)
