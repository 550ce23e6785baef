"""A flow under way: one instance in memory, its timers and the calls it awaits.

Steps are decided as the gateway decides them; a call that a step makes is noted, and ends when
the flow says so.
"""

from datetime import datetime, timedelta

from bylaw.base.names import did_you_mean
from bylaw.base.plain import Record
from bylaw.decide.environment import SESSION
from bylaw.decide.placing import awaited, placed
from bylaw.decide.start import start, start_event, start_inputs
from bylaw.decide.workflow import EventTarget, event_targets, instance_key
from bylaw.model.actor import ENGINE
from bylaw.model.condition import Unresolved
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
from bylaw.model.test import Beginning, Finishing
from bylaw.model.workflow import TriggerKind, Workflow
from bylaw.services.answer import Refusal, refusal
from bylaw.services.asking import NO_ACTION, Asking
from bylaw.services.caller import Caller
from bylaw.services.catalogue import bad_params
from bylaw.services.deciding import refused_by
from bylaw.services.definitions import Definitions
from bylaw.services.event import not_yours
from bylaw.services.starting import already_open, refused_start
from bylaw.services.stepping import Stand, Stepping, refused_step
from bylaw.services.testing_call import Called, Stage, called, decided_call

# A wait that fires more timers than this does not end.
MOST_TIMERS = 10_000

# What a step calls, or why it is not taken.
Outcome = tuple[PlannedEffect, ...] | Refusal


class Play:
    """One instance of a workflow, and the time."""

    def __init__(self, stage: Stage, workflow: Workflow, now: datetime) -> None:
        """Begin at a time, with nothing started."""
        self._stage = stage
        self.workflow = workflow
        self._stepping = Stepping(Definitions())
        self._timers: list[PlannedTimer] = []
        self._runs: list[PlannedEffect] = []
        self.now = now
        self.instance: Instance | None = None
        # The transitions that the last step took.
        self.taken: tuple[str, ...] = ()

    @property
    def stand(self) -> Stand:
        """Return where the instance stands.

        Raises:
            LookupError: there is none.
        """
        if self.instance is None:
            raise LookupError("nothing has begun")
        return Stand(instance=self.instance, workflow=self.workflow)

    @property
    def is_open(self) -> bool:
        """Say whether there is an instance that is not closed."""
        return self.instance is not None and not self.instance.closed

    def place(self, beginning: Beginning) -> Outcome:
        """Put an instance into a state."""
        workflow = self.workflow
        data = {**workflow.record.defaults, **beginning.data}
        index, wrong = workflow.by_id.get(beginning.state), workflow.record.check(data)
        if index is None:
            hint = did_you_mean(beginning.state, workflow.by_id)
            text = f"`{workflow.name}` has no state `{beginning.state}`. {hint}"
            return refusal("state", text.strip())
        key = instance_key(workflow, data)
        if wrong or isinstance(key, Unresolved):
            said = wrong[0].message if wrong else "the key cannot be made of the data"
            return refusal("data", f"The data does not fit: {said}.")
        self.instance = placed(
            workflow,
            workflow.states[index],
            scope=self._stage.snapshot.scope,
            key=key,
            data=data,
            now=self.now,
        )
        asking, stand = self._engine(), self.stand
        env = asking.env(NO_ACTION, {}, workflow=stand.record)
        return self._take(asking, awaited(workflow, self.instance, env, self.now), "from")

    def start(self, actor: str, inputs: Record) -> Outcome:
        """Start the instance as somebody."""
        call = self._called(actor, f"{self.workflow.name}.start", inputs)
        if isinstance(call, Refusal):
            return call
        params, action = call.verdict.decision.params, call.verdict.action
        if isinstance(instance_key(self.workflow, params), Unresolved):
            return bad_params(action, action.params.check(params))
        if self.is_open:
            return already_open(self.stand, action.name)
        return self._started(call, params)

    def run(self, actor: str, action: str, params: Record) -> Outcome:
        """Run an action of the workflow as somebody."""
        if self.instance is None:
            return nothing_open(self.workflow)
        name = f"{self.workflow.name}.{action}"
        stand = self.stand
        call = self._called(actor, name, params, workflow=stand.record)
        if isinstance(call, Refusal):
            return call
        sent = call.verdict.decision.params
        outcome = self._stepping.tried(call.asking, stand, call.verdict.action, sent)
        return self._allowed(call.asking, outcome, name)

    def report(self, actor: str, event: str, params: Record) -> Outcome:
        """Report an event as somebody."""
        call = self._called(actor, f"event.{event}", params)
        if isinstance(call, Refusal):
            return call
        known = self._stage.snapshot.events[event]
        denied = not_yours(call.asking, known, call.verdict)
        return denied if denied is not None else self._reported(call, event)

    def wait(self, delay_s: float) -> Outcome:
        """Let time pass; timers fire in the order of their deadlines."""
        until = self.now + timedelta(seconds=delay_s)
        made: list[PlannedEffect] = []
        refs: list[str] = []
        for _ in range(MOST_TIMERS):
            due = self._next_timer(until)
            if due is None:
                self.now, self.taken = until, tuple(refs)
                return tuple(made)
            made += self._fire(due)
            refs += self.taken
        return refusal("too-large", f"More than {MOST_TIMERS:,} timers fire in this time.")

    def finish(self, end: Finishing) -> Outcome:
        """End a call that a state awaits."""
        meant = [run for run in self._runs if run.action == end.action]
        meant = [run for run in meant if end.name in ("", run.name)]
        if len(meant) != 1:
            many = "Several calls" if meant else "No call"
            return refusal("late", f"{many} of `{end.action}` can end here; {self._awaited()}.")
        self._runs.remove(meant[0])
        trigger = Trigger(
            kind=TriggerKind.DONE if end.ok else TriggerKind.FAILED,
            name=meant[0].name,
            params={"result": end.result} if end.ok else {"message": end.error},
            state=meant[0].state,
            entry=meant[0].entry,
        )
        asking = self._engine()
        return self._take(asking, self._stepping.stepped(asking, self.stand, trigger), end.action)

    def _called(
        self, actor: str, name: str, params: Record, *, workflow: Record | None = None
    ) -> Called | Refusal:
        """Decide a call of somebody as far as the policies do."""
        asking = self._stage.asking(actor, self.now, {})
        if isinstance(asking, Refusal):
            return asking
        call = called(asking, name, params, workflow=workflow)
        if isinstance(call, Refusal):
            return call
        return refused_by(asking, call.verdict) or call

    def _reported(self, call: Called, event: str) -> Outcome:
        """Give an event to the instance that it is about, or start one."""
        asking, action, sent = call.asking, call.verdict.action, call.verdict.decision.params
        env = asking.env(action, sent)
        if any(self._is_meant(target) for target in event_targets(self.workflow, event, env)):
            trigger = Trigger(kind=TriggerKind.EVENT, name=event, params=sent)
            outcome = self._stepping.stepped(asking, self.stand, trigger, action)
            return self._allowed(asking, outcome, action.name)
        if self.is_open or start_event(self.workflow, event) is None:
            return refusal("not-in-state", f"No `{self.workflow.name}` waits for `{event}`.")
        inputs = start_inputs(self.workflow, event, env)
        if isinstance(inputs, Reason):
            return refused_start(asking, action.name, Refused(code="guard", reasons=(inputs,)))
        return self._started(call, inputs, event=event)

    def _started(self, call: Called, inputs: Record, *, event: str | None = None) -> Outcome:
        key = instance_key(self.workflow, inputs)
        moved = start(
            self.workflow,
            scope=self._stage.snapshot.scope,
            instance_id=f"{self.workflow.name}:{key}",
            key=str(key),
            inputs=inputs,
            env=call.asking.env(call.verdict.action, call.verdict.decision.params),
            now=self.now,
            event=event,
        )
        if isinstance(moved, Refused):
            return refused_start(call.asking, call.verdict.action.name, moved)
        return self._allowed(call.asking, moved, call.verdict.action.name)

    def _allowed(self, asking: Asking, outcome: StepOutcome, name: str) -> Outcome:
        """Take a step of somebody, unless the policies refuse what it calls."""
        if isinstance(outcome, Moved):
            record = Stand(instance=outcome.instance, workflow=self.workflow).record
            for effect in outcome.effects:
                action = asking.snapshot.actions[effect.action]
                verdict = decided_call(asking, action, effect.params, workflow=record)
                denied = refused_by(asking, verdict, part_of=name)
                if denied is not None:
                    return denied
        return self._take(asking, outcome, name)

    def _take(self, asking: Asking, outcome: StepOutcome, name: str) -> Outcome:
        """Keep what a step has made."""
        self.taken = ()
        if isinstance(outcome, Refused):
            self._timers += outcome.timers
            return refused_step(asking, self.stand, outcome, name)
        left = set(outcome.left)
        timers = [one for one in self._timers if (one.state, one.entry) not in left]
        runs = [one for one in self._runs if (one.state, one.entry) not in left]
        self._timers = [*timers, *outcome.timers]
        self._runs = [*runs, *(effect for effect in outcome.effects if effect.awaited)]
        self.instance, self.taken = outcome.instance, outcome.transitions
        return outcome.effects

    def _next_timer(self, until: datetime) -> PlannedTimer | None:
        due = [timer for timer in self._timers if timer.due_at <= until]
        return min(due, key=lambda timer: timer.due_at, default=None) if self.is_open else None

    def _fire(self, due: PlannedTimer) -> tuple[PlannedEffect, ...]:
        self._timers.remove(due)
        self.now = max(self.now, due.due_at)
        trigger = Trigger(
            kind=TriggerKind.TIMER,
            name=due.name,
            state=due.state,
            entry=due.entry,
            due_at=due.due_at,
        )
        asking = self._engine()
        made = self._take(asking, self._stepping.stepped(asking, self.stand, trigger), due.name)
        return () if isinstance(made, Refusal) else made

    def _is_meant(self, target: EventTarget) -> bool:
        if self.instance is None or self.instance.closed:
            return False
        if target.key is not None:
            return self.instance.key == target.key
        data = self.instance.data
        return all(name in data and data[name] == one for name, one in target.fields.items())

    def _awaited(self) -> str:
        names = ", ".join(f"`{run.name}` of `{run.action}`" for run in self._runs)
        return f"awaited: {names}" if names else "nothing is awaited"

    def _engine(self) -> Asking:
        caller = Caller(
            actor=ENGINE, scope=self._stage.snapshot.scope, endpoint="test", correlation_id=""
        )
        return Asking(
            caller=caller,
            snapshot=self._stage.snapshot,
            now=self.now,
            modes=(),
            session=SESSION,
            facts={},
        )


def nothing_open(workflow: Workflow) -> Refusal:
    """Refuse what needs an instance where there is none."""
    return refusal("which-instance", f"No `{workflow.name}` is open.")
