"""The last stage: bodies become one catalogue and one index, and what they call is checked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bylaw.base.names import folded
from bylaw.base.place import Place
from bylaw.base.problem import Problem
from bylaw.compile.catalogue import built_in_actions
from bylaw.compile.index import Binder
from bylaw.compile.workflow import workflow_actions
from bylaw.model.access import AccessMode
from bylaw.model.action import Action, ActionSource, Call
from bylaw.model.document import Document
from bylaw.model.event import Event
from bylaw.model.index import RuleTable
from bylaw.model.persona import Persona
from bylaw.model.policy import Policy
from bylaw.model.workflow import Workflow

# What the engine can carry out by itself when a workflow calls it.
CALLABLE = (ActionSource.HTTP,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """The compiled documents by kind and name."""

    workflows: Mapping[str, Workflow]
    policies: Mapping[str, Policy]
    personas: Mapping[str, Persona]
    modes: Mapping[str, AccessMode]
    actions: Mapping[str, Action]
    events: Mapping[str, Event]


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked(Bodies):
    """The same, with the whole catalogue, the index of rules, and where everything stands."""

    rules: Mapping[str, RuleTable]
    origins: Mapping[str, Place]


def link(
    bodies: Bodies, documents: tuple[Document, ...], *, binder: Binder, problems: list[Problem]
) -> Linked:
    """Join the bodies; names that stand twice in the catalogue and calls go to `problems`.

    The binder keeps the tables of actions that nothing new touches.
    """
    actions = _catalogue(bodies, problems)
    for workflow in bodies.workflows.values():
        problems += _uncallable(workflow, actions)
    return Linked(
        workflows=bodies.workflows,
        policies=bodies.policies,
        personas=bodies.personas,
        modes=bodies.modes,
        events=bodies.events,
        actions=actions,
        rules=binder.bind(bodies.policies.values(), actions, bodies.personas.values()),
        origins=dict(_origins(bodies, documents)),
    )


def _catalogue(bodies: Bodies, problems: list[Problem]) -> dict[str, Action]:
    actions: dict[str, Action] = {}
    for action in _declared(bodies):
        other = actions.setdefault(action.name, action)
        if other is not action:
            text = f"the action `{action.name}` is already there in {other.place.short}"
            problems.append(Problem(action.place, "duplicate", text, "rename one of the two"))
    taken = {folded(name) for name in actions}
    built_in = (action for action in built_in_actions() if folded(action.name) not in taken)
    return {**actions, **{action.name: action for action in built_in}}


def _declared(bodies: Bodies) -> Iterator[Action]:
    for workflow in bodies.workflows.values():
        yield from workflow_actions(workflow)
    yield from bodies.actions.values()
    for event in bodies.events.values():
        yield Action(
            name=f"event.{event.name}",
            description=event.description,
            source=ActionSource.EVENT,
            params=event.params,
            place=event.place,
        )


def _uncallable(workflow: Workflow, actions: Mapping[str, Action]) -> Iterator[Problem]:
    for call in _calls(workflow):
        action = actions.get(call.action)
        if action is not None and action.source not in CALLABLE:
            text = f"`{call.action}` has no call of its own, so the engine cannot carry it out"
            hint = (
                f"give it one in a document `kind: action` with `name: {call.action}` and `http:`"
            )
            yield Problem(call.place, "no-executor", text, hint)


def _calls(workflow: Workflow) -> Iterable[Call]:
    yield from workflow.start.do
    for state in workflow.states:
        yield from (*state.enter_do, *state.exit_do, *state.run)
        for transitions in state.transitions.values():
            for transition in transitions:
                yield from transition.do


def _origins(bodies: Bodies, documents: tuple[Document, ...]) -> Iterator[tuple[str, Place]]:
    for document in documents:
        yield document.ref, document.place
    for policy in bodies.policies.values():
        for rule in policy.rules:
            yield rule.ref, rule.place
