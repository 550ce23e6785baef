"""Small houses for decisions: YAML in, a snapshot and decisions about calls out."""

from datetime import UTC, datetime
from functools import cache

from bylaw.base.place import Place
from bylaw.base.plain import Record
from bylaw.compile.house import Compiler, Origin
from bylaw.decide.environment import environment
from bylaw.decide.policy import decide
from bylaw.load.document import load_documents
from bylaw.model.action import Action, ActionSource
from bylaw.model.actor import Actor
from bylaw.model.decision import Decision
from bylaw.model.document import Document
from bylaw.model.shape import Shape
from bylaw.model.snapshot import Snapshot

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
ORIGIN = Origin(environ={}, git_commit=None, now=NOW)

SERVER = """
bylaw: 1
kind: server
name: small
roles: [developer, reviewer, maintainer, release-manager, security, on-call, admin, ci]
actors:
  ana: {kind: human, roles: [developer]}
  bob: {kind: human, roles: [developer, maintainer]}
  eve: {kind: human, roles: [admin]}
  claude: {kind: agent, roles: [developer], works_for: ana}
  ci: {kind: service, roles: [ci]}
vars:
  protected: [main, "release/*"]
"""

ACTIONS = """
kind: action
name: deploy.apply
params:
  build: {type: string, default: ""}
  percent: {type: integer, default: 100, minimum: 1, maximum: 100}
  dry_run: {type: boolean, default: false}
  incident: {type: string, default: ""}
---
kind: action
name: ledger.refund
params:
  payment: {type: string}
  cents: {type: integer, minimum: 1}
---
kind: action
name: runbook.read
params: {id: {type: string}}
---
kind: action
name: runbook.update
params:
  id: {type: string}
  archived: {type: boolean, default: false}
---
kind: action
name: runbook.delete
params: {id: {type: string}}
destructive: true
"""

ANA = Actor(id="ana", kind="human", roles=("developer",))
BOB = Actor(id="bob", kind="human", roles=("developer", "maintainer"))
EVE = Actor(id="eve", kind="human", roles=("admin",))
CLAUDE = Actor(id="claude", kind="agent", roles=("developer",), works_for="ana")


def documents(text: str, *, file: str) -> tuple[Document, ...]:
    loaded = load_documents(text.strip().encode(), file=file)
    assert not loaded.problems, "\n".join(map(str, loaded.problems))
    return loaded.documents


@cache
def house(*texts: str) -> Snapshot:
    """Return the snapshot of a server, some actions, and these documents."""
    read = [*documents(SERVER, file="bylaw.yaml"), *documents(ACTIONS, file="actions.yaml")]
    for number, text in enumerate(texts, start=1):
        read.extend(documents(text, file=f"{number}.yaml"))
    compiled = Compiler().compile(tuple(read), ORIGIN)
    assert compiled.snapshot is not None, "\n".join(map(str, compiled.problems))
    return compiled.snapshot


def action(snapshot: Snapshot, name: str) -> Action:
    """Return an action of the catalogue, or what stands for a tool that nobody declared."""
    unknown = Action(
        name=name,
        description="",
        source=ActionSource.OUTSIDE,
        params=Shape(fields={}, open=True),
        place=Place("elsewhere"),
    )
    return snapshot.actions.get(name, unknown)


def env(
    snapshot: Snapshot,
    name: str,
    params: Record,
    *,
    actor: Actor = CLAUDE,
    resource: Record | None = None,
    workflow: Record | None = None,
    session: Record | None = None,
    facts: Record | None = None,
    now: datetime = NOW,
) -> dict[str, object]:
    return environment(
        actor=actor,
        action=action(snapshot, name),
        params=params,
        resource=resource,
        workflow=workflow,
        session=session,
        scope="main",
        now=now,
        facts=facts,
    )


def decided(
    snapshot: Snapshot,
    name: str,
    params: Record,
    *,
    actor: Actor = CLAUDE,
    resource: Record | None = None,
    workflow: Record | None = None,
    facts: Record | None = None,
    now: datetime = NOW,
) -> Decision:
    seen = env(
        snapshot,
        name,
        params,
        actor=actor,
        resource=resource,
        workflow=workflow,
        facts=facts,
        now=now,
    )
    return decide(snapshot, action(snapshot, name), seen)
