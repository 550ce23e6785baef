"""One call of a test, decided as the gateway decides it: granted → params → policies.

There is no store: the one shared record that a call can be about is the one that the test says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bylaw.base.plain import Plain, Record
from bylaw.model.action import Action
from bylaw.model.actor import Actor
from bylaw.model.server import KnownActor
from bylaw.model.snapshot import Snapshot
from bylaw.model.test import Suite
from bylaw.services.answer import Refusal
from bylaw.services.asking import Asking, begin
from bylaw.services.caller import Caller
from bylaw.services.catalogue import checked_params, find_action
from bylaw.services.deciding import Verdict, judged
from bylaw.services.resource import not_granted, resource_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The house as one test sees it: its actors stand among those of the house."""

    snapshot: Snapshot

    def asking(self, actor: str, now: datetime, facts: Record) -> Asking | Refusal:
        """Take up a call of somebody at a time."""
        caller = Caller(
            actor=self._actor(actor),
            scope=self.snapshot.scope,
            endpoint="test",
            correlation_id="",
        )
        return begin(caller, self.snapshot, facts, now)

    def _actor(self, name: str) -> Actor:
        server = self.snapshot.server
        known = server.actors.get(name)
        return server.local if known is None else known.actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A call that the policies were asked about, with who asked."""

    asking: Asking
    verdict: Verdict


def stage_of(snapshot: Snapshot, suite: Suite) -> Stage:
    """Return the house with the actors of a test beside its own."""
    own = {
        name: KnownActor(actor=actor, token_sha256=None) for name, actor in suite.actors.items()
    }
    server = replace(snapshot.server, actors={**snapshot.server.actors, **own})
    return Stage(snapshot=replace(snapshot, server=server))


def called(
    asking: Asking,
    name: str,
    params: Record,
    *,
    resource: Record | None = None,
    workflow: Record | None = None,
) -> Called | Refusal:
    """Decide a call by its name, or return the refusal of one that is decided before."""
    found = find_action(asking, name)
    if isinstance(found, Refusal):
        return found
    filled = checked_params(found.action, params)
    if isinstance(filled, Refusal):
        return filled
    elsewhere = not_granted(asking, found.action, filled)
    if elsewhere is not None:
        return elsewhere
    verdict = decided_call(asking, found.action, filled, resource=resource, workflow=workflow)
    return Called(asking=asking, verdict=verdict)


def decided_call(
    asking: Asking,
    action: Action,
    params: Record,
    *,
    resource: Record | None = None,
    workflow: Record | None = None,
) -> Verdict:
    """Ask the policies about a call whose params fit."""
    known: Mapping[str, Plain] = {}
    if resource is not None or resource_key(asking, action, params, workflow=workflow) is not None:
        known = {"resource": resource}
    return judged(asking, action, params, id="", workflow=workflow, known=known)
