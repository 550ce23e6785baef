"""Walking an instance of a shipped workflow, in the name of the house's actors."""

from dataclasses import dataclass, field
from datetime import datetime

from bylaw.base.plain import Plain, Record
from bylaw.decide.environment import environment
from bylaw.decide.start import start, start_inputs
from bylaw.decide.step import step
from bylaw.decide.workflow import instance_key, leaf_states
from bylaw.model.actor import ENGINE, Actor
from bylaw.model.instance import (
    Instance,
    Moved,
    PlannedEffect,
    PlannedTimer,
    Reason,
    Refused,
    StepOutcome,
    Trigger,
)
from bylaw.model.workflow import TriggerKind, Workflow
from tests.content.houses import NOW, actor, snapshot


@dataclass(kw_only=True)
class Walk:
    """One instance under way, and everything that happened to it."""

    workflow: Workflow
    instance: Instance
    last: StepOutcome
    now: datetime = NOW
    taken: set[str] = field(default_factory=set)
    sent: list[PlannedEffect] = field(default_factory=list)
    timers: list[PlannedTimer] = field(default_factory=list)

    @property
    def state(self) -> str:
        """Return the innermost active state."""
        return ".".join(leaf_states(self.workflow, self.instance))

    @property
    def data(self) -> Record:
        """Return what the instance remembers."""
        return self.instance.data

    @property
    def refused(self) -> Refused:
        """Return the refusal of the last thing that was tried."""
        assert isinstance(self.last, Refused), self.last
        return self.last

    @property
    def messages(self) -> list[tuple[str, str, str]]:
        """Return the messages and pages of the last step: action, to whom, text."""
        assert isinstance(self.last, Moved), self.last
        said = [one for one in self.last.effects if not one.awaited]
        return [(one.action, one.params["to"], one.params["text"]) for one in said]

    @property
    def calls(self) -> list[tuple[str, Record]]:
        """Return the calls of the last step whose end is awaited."""
        assert isinstance(self.last, Moved), self.last
        return [(one.action, one.params) for one in self.last.effects if one.awaited]

    def does(self, who: str | Actor, action: str, **params: Plain) -> "Walk":
        """Do an action of the workflow, with its params filled in as the gateway fills them."""
        known = snapshot().actions[f"{self.workflow.name}.{action}"]
        filled = known.params.filled(params)
        assert known.params.check(filled) == ()
        person = actor(who) if isinstance(who, str) else who
        trigger = Trigger(kind=TriggerKind.ACTION, name=action, params=filled)
        return self._step(person, known.name, trigger)

    def hears(self, event: str, **params: Plain) -> "Walk":
        """Hear an event that CI reports."""
        filled = snapshot().events[event].params.filled(params)
        trigger = Trigger(kind=TriggerKind.EVENT, name=event, params=filled)
        return self._step(actor("ci"), f"event.{event}", trigger)

    def waits(self, name: str) -> "Walk":
        """Wait for the timer of this name; it is set."""
        due = next(timer for timer in self.timers if timer.name == name)
        self.now = due.due_at
        trigger = Trigger(
            kind=TriggerKind.TIMER,
            name=due.name,
            state=due.state,
            entry=due.entry,
            due_at=due.due_at,
        )
        self.timers.remove(due)
        return self._step(ENGINE, "notify.send", trigger)

    def ends(self, name: str, **result: Plain) -> "Walk":
        """End the awaited call of this name well."""
        return self._end(name, TriggerKind.DONE, {"result": result})

    def fails(self, name: str, message: str) -> "Walk":
        """End the awaited call of this name badly."""
        return self._end(name, TriggerKind.FAILED, {"message": message})

    def _end(self, name: str, kind: TriggerKind, params: Record) -> "Walk":
        call = next(one for one in reversed(self.sent) if one.awaited and one.name == name)
        trigger = Trigger(
            kind=kind, name=call.name, params=params, state=call.state, entry=call.entry
        )
        return self._step(ENGINE, call.action, trigger)

    def _step(self, who: Actor, action: str, trigger: Trigger) -> "Walk":
        env = seen_by(who, action, trigger.params, now=self.now)
        self.last = step(self.workflow, self.instance, trigger, env, self.now)
        self.timers.extend(self.last.timers)
        if isinstance(self.last, Moved):
            self.instance = self.last.instance
            self.taken.update(self.last.transitions)
            self.sent.extend(self.last.effects)
            left = self.last.left
            self.timers = [one for one in self.timers if (one.state, one.entry) not in left]
        return self


def seen_by(who: Actor, action: str, params: Record, *, now: datetime = NOW) -> Record:
    """Return what conditions of a step see."""
    return environment(
        actor=who,
        action=snapshot().actions[action],
        params=params,
        workflow={"name": action.partition(".")[0], "id": "", "key": ""},
        scope="main",
        now=now,
    )


def tried(name: str, who: str | Actor, **inputs: Plain) -> StepOutcome:
    """Try to start an instance."""
    workflow = snapshot().workflows[name]
    filled = workflow.inputs.filled(inputs)
    key = instance_key(workflow, filled)
    assert isinstance(key, str)
    person = actor(who) if isinstance(who, str) else who
    return start(
        workflow,
        scope="main",
        instance_id=f"{name}:{key}",
        key=key,
        inputs=filled,
        env=seen_by(person, f"{name}.start", filled),
        now=NOW,
    )


def begun(name: str, who: str | Actor, **inputs: Plain) -> Walk:
    """Start an instance and walk it."""
    return _walk(name, tried(name, who, **inputs))


def begun_by(event: str, name: str, **params: Plain) -> Walk:
    """Start an instance by an event that CI reports."""
    workflow = snapshot().workflows[name]
    filled = snapshot().events[event].params.filled(params)
    env = seen_by(actor("ci"), f"event.{event}", filled)
    inputs = start_inputs(workflow, event, env)
    assert not isinstance(inputs, Reason), inputs
    key = instance_key(workflow, inputs)
    assert isinstance(key, str)
    outcome = start(
        workflow,
        scope="main",
        instance_id=f"{name}:{key}",
        key=key,
        inputs=inputs,
        env=env,
        now=NOW,
        event=event,
    )
    return _walk(name, outcome)


def transitions_of(name: str) -> set[str]:
    """Return the refs of all transitions of a shipped workflow."""
    found = [
        one
        for state in snapshot().workflows[name].states
        for group in state.transitions.values()
        for one in group
    ]
    return {transition.ref for transition in found}


def _walk(name: str, outcome: StepOutcome) -> Walk:
    assert isinstance(outcome, Moved), outcome
    return Walk(
        workflow=snapshot().workflows[name],
        instance=outcome.instance,
        last=outcome,
        taken=set(outcome.transitions),
        sent=list(outcome.effects),
        timers=list(outcome.timers),
    )
