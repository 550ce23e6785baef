"""How an instance begins: who starts one and when, and which events do."""

from collections.abc import Iterator

from bylaw.base.names import did_you_mean
from bylaw.base.node import Mapping, Node, Scalar
from bylaw.base.place import Place
from bylaw.compile.context import Context
from bylaw.compile.who import compile_who
from bylaw.compile.workflow_names import known_fields, outside_names, with_params
from bylaw.compile.workflow_transition import (
    House,
    calls_of,
    compile_sets,
    condition_of,
    value_of,
)
from bylaw.expr.names import OPEN, Names
from bylaw.model.shape import Shape
from bylaw.model.workflow import Start, StartEvent


def compile_start(node: Node | None, house: House, *, inputs: Shape, place: Place) -> Start:
    """Compile `start`; without one anybody who is granted it may start an instance."""
    body = node if isinstance(node, Mapping) else Mapping(entries=(), place=place)
    names = with_params(house.names, known_fields(inputs))
    return Start(
        who=compile_who(body.get("who"), house.context, {}, problems=house.problems),
        when=condition_of(body.get("when"), names, house),
        sets=compile_sets(body.get("set"), names, house, fixed=house.fixed),
        do=calls_of(body.get("do"), names, house),
        events=tuple(_events(body.get("events"), house, inputs)),
        message=value_of(body.get("message"), names, house),
        place=body.place,
    )


def check_given(start: Start, data: Shape, house: House, *, section: Node | None) -> None:
    """Data without a default is set when an instance starts, or it would never have a value."""
    given = {name for name, _ in start.sets}
    for name in data.required:
        if name not in given and isinstance(section, Mapping) and not _says_default(section, name):
            message = f"`{name}` has no value when an instance starts"
            hint = "give it a `default`, or set it in `start`"
            house.report(section.key(name).place, "no-default", message, hint)


def _says_default(section: Mapping, name: str) -> bool:
    """Say whether a default stands there, even one with a mistake, which the shape left out."""
    schema = section.get(name)
    return isinstance(schema, Mapping) and schema.get("default") is not None


def _events(node: Node | None, house: House, inputs: Shape) -> Iterator[StartEvent]:
    for key, body in node.entries if isinstance(node, Mapping) else ():
        event = str(key.value)
        if event not in house.context.events:
            hint = did_you_mean(event, house.context.events)
            house.report(key.place, "unknown-ref", f"`{event}` is not an event", hint)
            continue
        names = event_names(house.context, event)
        yield _start_event(key, body, names, house, inputs=inputs)


def event_names(context: Context, event: str) -> Names:
    """Return what an event that starts an instance may name: there is no data yet."""
    params = dict.fromkeys(sorted(context.events[event]), OPEN)
    return with_params(outside_names(context), params)


def _start_event(
    key: Scalar, body: Node, names: Names, house: House, *, inputs: Shape
) -> StartEvent:
    tree = body if isinstance(body, Mapping) else Mapping(entries=(), place=body.place)
    sets = compile_sets(tree.get("set"), names, house)
    given = {name for name, _ in sets}
    for name in inputs.required:
        if name not in given:
            hint = f"set it: `set: {{{name}: …}}`"
            message = f"`{key.value}` starts an instance without its input `{name}`"
            house.report(key.place, "missing-input", message, hint)
    return StartEvent(
        event=str(key.value),
        when=condition_of(tree.get("when"), names, house),
        sets=sets,
        place=key.place,
    )
