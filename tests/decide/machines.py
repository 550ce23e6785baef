"""Play instances of workflows: start, act, report, let time pass, end runs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bylaw.base.plain import Plain, Record
from bylaw.decide.start import start
from bylaw.decide.step import step
from bylaw.decide.workflow import instance_key
from bylaw.model.actor import ENGINE, Actor
from bylaw.model.instance import (
    Instance,
    Moved,
    PlannedEffect,
    PlannedTimer,
    Refused,
    StepOutcome,
    Trigger,
)
from bylaw.model.workflow import TriggerKind, Workflow

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)

AGENT = Actor(id="agent-1", kind="agent", works_for="dora")
DORA = Actor(id="dora", kind="human", roles=("developer",))
ANA = Actor(id="ana", kind="human", roles=("reviewer",))
BEN = Actor(id="ben", kind="human", roles=("maintainer",))
CI = Actor(id="ci", kind="service", roles=("ci",))


def env_of(actor: Actor, params: Record | None = None, *, now: datetime = NOW) -> dict[str, Plain]:
    """Return the roots of one call."""
    return {
        "actor": actor.record(),
        "action": {"name": "tried", "tags": []},
        "params": dict(params or {}),
        "session": {"id": None, "mode": None},
        "workflow": {"name": "w", "id": "w:1", "key": "1"},
        "scope": "main",
        "now": now,
    }


def started(workflow: Workflow, inputs: Record, *, by: Actor = DORA) -> StepOutcome:
    """Start an instance."""
    filled = workflow.inputs.filled(inputs)
    key = instance_key(workflow, filled)
    assert isinstance(key, str)
    return start(
        workflow,
        scope="main",
        instance_id=f"{workflow.name}:{key}",
        key=key,
        inputs=filled,
        env=env_of(by, filled),
        now=NOW,
    )


def at(outcome: StepOutcome) -> Moved:
    """Return a step that was taken."""
    assert isinstance(outcome, Moved), outcome
    return outcome


def no(outcome: StepOutcome) -> Refused:
    """Return a step that was not taken."""
    assert isinstance(outcome, Refused), outcome
    return outcome


@dataclass
class Play:
    """One instance under way; `last` is the outcome of the last thing that was tried."""

    workflow: Workflow
    instance: Instance
    last: StepOutcome

    @classmethod
    def of(cls, workflow: Workflow, inputs: Record, *, by: Actor = DORA) -> "Play":
        """Start an instance and play it."""
        moved = at(started(workflow, inputs, by=by))
        return cls(workflow, moved.instance, moved)

    @property
    def state(self) -> str:
        """Return the innermost active state."""
        return self.instance.states[-1]

    def act(self, name: str, *, by: Actor = DORA, **params: Plain) -> StepOutcome:
        """Do an action."""
        trigger = Trigger(kind=TriggerKind.ACTION, name=name, params=params)
        return self._take(trigger, by=by, params=params)

    def report(self, name: str, params: Record, *, by: Actor = CI) -> StepOutcome:
        """Report an event."""
        trigger = Trigger(kind=TriggerKind.EVENT, name=name, params=params)
        return self._take(trigger, by=by, params=params)

    def fire(self, timer: PlannedTimer, *, now: datetime | None = None) -> StepOutcome:
        """Let a timer come due, at its time or later."""
        trigger = Trigger(
            kind=TriggerKind.TIMER,
            name=timer.name,
            state=timer.state,
            entry=timer.entry,
            due_at=timer.due_at,
        )
        return self._take(trigger, now=now or timer.due_at)

    def done(self, effect: PlannedEffect, result: Plain = None) -> StepOutcome:
        """End a run well."""
        return self._take(self._end(effect, TriggerKind.DONE, {"result": result}))

    def failed(self, effect: PlannedEffect, message: str) -> StepOutcome:
        """End a run badly."""
        return self._take(self._end(effect, TriggerKind.FAILED, {"message": message}))

    def _end(self, effect: PlannedEffect, kind: TriggerKind, params: Record) -> Trigger:
        return Trigger(
            kind=kind, name=effect.name, params=params, state=effect.state, entry=effect.entry
        )

    def _take(
        self,
        trigger: Trigger,
        *,
        by: Actor = ENGINE,
        params: Record | None = None,
        now: datetime = LATER,
    ) -> StepOutcome:
        env = env_of(by, params, now=now)
        self.last = step(self.workflow, self.instance, trigger, env, now)
        if isinstance(self.last, Moved):
            self.instance = self.last.instance
        return self.last
