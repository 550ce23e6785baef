"""Workflows: from a document to tables; and what the catalogue and the first pass need of them."""

from collections.abc import Iterator

from bylaw.base.node import Mapping, Node
from bylaw.base.problem import Problem
from bylaw.compile.context import Context, KnownAction
from bylaw.compile.shape import compile_shape, shape_of
from bylaw.compile.workflow_body import body_problems
from bylaw.compile.workflow_chart import chart_of, inner_states, tree_problems
from bylaw.compile.workflow_check import structure_problems
from bylaw.compile.workflow_names import (
    instance_names,
    key_names,
    outside_names,
    shadow_problems,
)
from bylaw.compile.workflow_start import check_given, compile_start
from bylaw.compile.workflow_state import compile_states
from bylaw.compile.workflow_transition import House, text_of
from bylaw.expr.value import compile_value
from bylaw.model.action import Action, ActionSource
from bylaw.model.condition import Value
from bylaw.model.document import Document
from bylaw.model.shape import Shape
from bylaw.model.workflow import TriggerKind, Workflow


def compile_workflow(
    document: Document, context: Context, *, problems: list[Problem]
) -> Workflow | None:
    """Compile a workflow that fits its schema, or append what is wrong and return nothing.

    How the states hang together is looked at once everything in them is sound: a target that
    is not there would make others unreachable.
    """
    found: list[Problem] = []
    workflow = compile_tables(document, context, problems=found)
    if workflow is not None and not found:
        found.extend(structure_problems(workflow))
    problems.extend(found)
    return None if found else workflow


def compile_tables(
    document: Document, context: Context, *, problems: list[Problem]
) -> Workflow | None:
    """Compile a workflow without a look at how its states hang together."""
    root, found = document.root, problems
    found.extend(shadow_problems(root, context))
    inputs = compile_shape(_section(root, "inputs"), problems=found)
    data = compile_shape(_section(root, "data"), problems=found)
    key = _key(document, context, inputs, found)
    chart = chart_of(root, document.place)
    found.extend(tree_problems(chart))
    found.extend(body_problems(chart))
    if key is None or not chart[0].children:
        return None
    record = shape_of({**inputs.fields, **data.fields})
    outside = outside_names(context)
    house = House(
        workflow=document.name,
        chart=chart,
        outside=outside,
        names=instance_names(outside, record, [one.id for one in chart[1:]]),
        record=record,
        fixed=_fields_of(key),
        context=context,
        problems=found,
    )
    return _assembled(document, house, key, inputs=inputs, data=data)


def _assembled(
    document: Document, house: House, key: Value, *, inputs: Shape, data: Shape
) -> Workflow:
    root = document.root
    start = compile_start(root.get("start"), house, inputs=inputs, place=document.place)
    check_given(start, data, house, section=root.get("data"))
    states = compile_states(house)
    return Workflow(
        name=document.name,
        description=text_of(root.get("description")),
        definition=document.digest,
        key=key,
        key_fields=house.fixed,
        inputs=inputs,
        data=data,
        record=house.record,
        start=start,
        states=states,
        by_id={state.id: state.index for state in states[1:]},
        events=frozenset(
            name
            for state in states
            for kind, name in state.transitions
            if kind is TriggerKind.EVENT
        ),
        place=document.place,
    )


def _section(root: Mapping, key: str) -> Mapping | None:
    node = root.get(key)
    return node if isinstance(node, Mapping) else None


def _key(
    document: Document, context: Context, inputs: Shape, found: list[Problem]
) -> Value | None:
    node = document.root.get("key")
    names = key_names(context, inputs)
    return None if node is None else compile_value(node, names, problems=found)


def _fields_of(key: Value) -> tuple[str, ...]:
    return tuple(sorted({read.partition(".")[0] for read in key.reads}))


def workflow_actions(workflow: Workflow) -> tuple[Action, ...]:
    """Return the actions of the catalogue: the start, then each action once."""
    start = Action(
        name=f"{workflow.name}.start",
        description=f"Start: {workflow.description}" if workflow.description else "Start one.",
        source=ActionSource.START,
        params=workflow.inputs,
        workflow=workflow.name,
        place=workflow.start.place,
    )
    named: dict[str, Action] = {}
    for action in _actions(workflow):
        named.setdefault(action.name, action)
    return (start, *named.values())


def _actions(workflow: Workflow) -> Iterator[Action]:
    for state in workflow.states:
        for (kind, name), transitions in state.transitions.items():
            if kind is TriggerKind.ACTION:
                yield Action(
                    name=f"{workflow.name}.{name}",
                    description=transitions[0].description,
                    source=ActionSource.WORKFLOW,
                    params=transitions[0].params,
                    workflow=workflow.name,
                    place=transitions[0].place,
                )


def outline(document: Document) -> tuple[KnownAction, ...]:
    """Return the same actions by their names alone, before anything is compiled."""
    inputs = _section(document.root, "inputs")
    known = {"start": _known(f"{document.name}.start", inputs)}
    for name, params in _named_actions(document.root):
        known.setdefault(name, _known(f"{document.name}.{name}", params))
    return tuple(known.values())


def _named_actions(node: Mapping) -> Iterator[tuple[str, Mapping | None]]:
    actions = _section(node, "actions")
    for key, body in actions.entries if actions else ():
        yield str(key.value), _first_params(body)
    for _, child in inner_states(node):
        yield from _named_actions(child)


def _first_params(body: Node) -> Mapping | None:
    """Of a list of transitions the first speaks for all: their params are the same."""
    bodies = [body] if isinstance(body, Mapping) else getattr(body, "items", ())
    first = next((one for one in bodies if isinstance(one, Mapping)), None)
    return _section(first, "params") if first is not None else None


def _known(name: str, params: Mapping | None) -> KnownAction:
    entries = params.entries if params is not None else ()
    return KnownAction(
        name=name,
        tags=frozenset(),
        params=frozenset(str(key.value) for key, _ in entries),
        required=frozenset(
            str(key.value)
            for key, schema in entries
            if not (isinstance(schema, Mapping) and schema.get("default") is not None)
        ),
    )
