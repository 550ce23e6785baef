"""Questions about an instance that change nothing: what is possible, for whom, and by what key."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bylaw.base.plain import Record, canonical
from bylaw.decide.configuration import configuration_of, is_legal, leaves
from bylaw.decide.reason import why_not
from bylaw.decide.start import against_start, ref_of
from bylaw.decide.transition import taking_of
from bylaw.decide.walk import planned_timer
from bylaw.model.condition import Env, Unresolved
from bylaw.model.instance import Instance, PlannedTimer, Reason
from bylaw.model.shape import Shape
from bylaw.model.workflow import State, Transition, TriggerKind, Workflow

LONGEST_KEY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible:
    """An action that the active states know.

    It can be done now where `reason` is None; then `depends` names the params on which that
    still hangs. `who` are the words of its who list, empty where anybody may. `reasons` has
    more than one member where several transitions were tried.
    """

    action: str
    ref: str
    description: str
    params: Shape
    who: tuple[str, ...]
    depends: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def reason(self) -> Reason | None:
        """Return why it cannot be done now."""
        return self.reasons[0] if self.reasons else None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTarget:
    """How an event finds its instances: by these fields, and by key where they make it up."""

    fields: Record
    key: str | None


def possible(
    workflow: Workflow, instance: Instance, env: Env, now: datetime
) -> tuple[Possible, ...]:
    """Return every action of the active states, inner ones first.

    Params that were not sent are unknown rather than missing, unless they have a default.
    """
    if instance.closed:
        return ()
    seen = {
        **env,
        **instance.data,
        "now": now,
        "$states": frozenset(instance.states),
    }
    found = _offered(leaves(configuration_of(workflow, instance.states)))
    return tuple(_possible(workflow, transitions, seen) for transitions in found)


def _offered(active: Iterable[State]) -> Iterator[Sequence[Transition]]:
    """Give what the active leaves try for each action; one in parallel states is tried in all."""
    found: dict[str, dict[str, Transition]] = {}
    for leaf in active:
        for (kind, name), transitions in leaf.candidates.items():
            if kind is TriggerKind.ACTION:
                found.setdefault(name, {}).update((one.ref, one) for one in transitions)
    for by_ref in found.values():
        yield tuple(by_ref.values())


def _possible(workflow: Workflow, transitions: Sequence[Transition], env: Env) -> Possible:
    reasons: list[Reason] = []
    params = {**transitions[0].params.defaults, **env.get("params", {})}
    seen: dict[str, Any] = {**env, "params": params}
    for one in transitions:
        if taking_of(one, seen) is not None:
            return _listed(workflow, one)
        reason = why_not(one, seen)
        if _only_params(reason):
            return _listed(workflow, one, depends=reason.missing)
        reasons.append(reason)
    return _listed(workflow, transitions[0], reasons=tuple(reasons))


def _only_params(reason: Reason) -> bool:
    """Say whether nothing but params not sent yet stands against a transition."""
    if not reason.missing or reason.errors:
        return False
    return all(name.partition(".")[0] == "params" for name in reason.missing)


def _listed(
    workflow: Workflow,
    one: Transition,
    *,
    depends: tuple[str, ...] = (),
    reasons: tuple[Reason, ...] = (),
) -> Possible:
    return Possible(
        action=f"{workflow.name}.{one.name}",
        ref=one.ref,
        description=one.description,
        params=one.params,
        who=one.who.words if one.who is not None else (),
        depends=depends,
        reasons=reasons,
    )


def startable(workflow: Workflow, env: Env) -> Possible:
    """Return whether one may start an instance, as `possible` does for its steps."""
    begins = workflow.start
    seen = {**env, **workflow.record.defaults, "$states": frozenset[str]()}
    seen["params"] = {**workflow.inputs.defaults, **env.get("params", {})}
    reason = against_start(workflow, {**seen, **seen["params"]})
    unknown = reason is not None and _only_inputs(workflow, reason)
    return Possible(
        action=f"{workflow.name}.start",
        ref=ref_of(workflow),
        description=workflow.description,
        params=workflow.inputs,
        who=begins.who.words if begins.who is not None else (),
        depends=reason.missing if reason is not None and unknown else (),
        reasons=(reason,) if reason is not None and not unknown else (),
    )


def _only_inputs(workflow: Workflow, reason: Reason) -> bool:
    """Say whether only inputs not sent yet stand against a start, bare or as `params`."""
    if not reason.missing or reason.errors:
        return False
    known = {"params", *workflow.inputs.fields}
    return all(name.partition(".")[0] in known for name in reason.missing)


def leaf_states(workflow: Workflow, instance: Instance) -> tuple[str, ...]:
    """Return the ids of the innermost active states."""
    active = configuration_of(workflow, instance.states)
    return tuple(state.id for state in leaves(active))


def instance_key(workflow: Workflow, inputs: Record) -> str | Unresolved:
    """Return the key of an instance with these inputs, whose defaults are filled in."""
    made = workflow.key.fill(inputs)
    if isinstance(made, Unresolved):
        return made
    text = made if isinstance(made, str) else canonical(made)
    if not text.strip():
        return Unresolved(errors=("the key is empty",))
    if len(text) > LONGEST_KEY:
        return Unresolved(errors=(f"the key is longer than {LONGEST_KEY} characters",))
    return text


def event_targets(workflow: Workflow, event: str, env: Env) -> tuple[EventTarget, ...]:
    """Return how to find the instances that an event is about; each way once.

    The step looks at the same fields again, so that an instance that was found one way does
    not take a transition that asks for another.
    """
    found: dict[str, EventTarget] = {}
    for state in workflow.states:
        for transition in state.transitions.get((TriggerKind.EVENT, event), ()):
            fields = {name: value.fill(env) for name, value in transition.match.items()}
            if not any(isinstance(value, Unresolved) for value in fields.values()):
                found.setdefault(canonical(fields), _target(workflow, fields))
    return tuple(found.values())


def _target(workflow: Workflow, fields: Record) -> EventTarget:
    key = instance_key(workflow, fields) if set(fields) == set(workflow.key_fields) else None
    return EventTarget(fields=fields, key=key if isinstance(key, str) else None)


def fits(workflow: Workflow, instance: Instance) -> bool:
    """Say whether an instance may follow this definition: its states are there, its data fits.

    New data takes its defaults; data that the definition does not know any more does not fit.
    """
    if any(name not in workflow.by_id for name in instance.states):
        return False
    active = configuration_of(workflow, instance.states)
    numbers = [state.index for state in active]
    if sorted(numbers) != numbers or not is_legal(workflow, active):
        return False
    return not workflow.record.check({**workflow.record.defaults, **instance.data})


def new_timers(
    before: Workflow | None, workflow: Workflow, instance: Instance, now: datetime
) -> tuple[PlannedTimer, ...]:
    """Return the timers to start when an instance comes to follow a changed definition.

    Those that the earlier definition had too keep their deadlines; new ones begin now.
    """
    return tuple(
        planned_timer(timer, state, entry=instance.entries[state.id], start=now)
        for state in (workflow.states[workflow.by_id[name]] for name in instance.states)
        for timer in state.timers
        if timer.name not in _timer_names(before, state.id)
    )


def _timer_names(workflow: Workflow | None, state_id: str) -> frozenset[str]:
    if workflow is None or state_id not in workflow.by_id:
        return frozenset()
    return frozenset(one.name for one in workflow.states[workflow.by_id[state_id]].timers)
