"""Transitions: what a trigger does in a state, compiled with the names that it may use."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bylaw.base.names import did_you_mean
from bylaw.base.node import Mapping as Tree
from bylaw.base.node import Node, Scalar, Sequence, fixed_scalar
from bylaw.base.place import Place
from bylaw.base.problem import Problem
from bylaw.compile.call import compile_calls
from bylaw.compile.context import Context
from bylaw.compile.instead import compile_instead
from bylaw.compile.shape import compile_shape
from bylaw.compile.who import compile_who
from bylaw.compile.workflow_chart import (
    Chart,
    Draft,
    domain,
    enters,
    in_reach,
    is_quiet,
    resolve,
    way_to,
)
from bylaw.compile.workflow_names import known_fields, with_params
from bylaw.expr.condition import compile_condition
from bylaw.expr.names import OPEN, Known, Names
from bylaw.expr.value import compile_value
from bylaw.model.action import Call
from bylaw.model.condition import Condition, Value
from bylaw.model.shape import NOTHING, Shape
from bylaw.model.workflow import Choice, Transition, TriggerKind

Sets = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What compiling one workflow needs all along: names, shapes, and where problems go.

    `names` are those inside an instance, without `params`; `outside` those without its data;
    `fixed` are the inputs that the key is made of, which nothing sets.
    """

    workflow: str
    chart: Chart
    names: Names
    outside: Names
    record: Shape
    fixed: tuple[str, ...]
    context: Context
    problems: list[Problem]

    def report(self, place: Place, code: str, message: str, hint: str = "") -> None:
        """Note a mistake."""
        self.problems.append(Problem(place, code, message, hint))


@dataclass(frozen=True, slots=True, kw_only=True)
class On:
    """The trigger of a transition: its kind, its name, its word in refs, and what it brings."""

    kind: TriggerKind
    name: str
    word: str
    names: Names
    params: Mapping[str, Known] = field(default_factory=dict)
    match: Mapping[str, Value] | None = None


def compile_transitions(
    node: Node | None, on: On, source: Draft, house: House
) -> tuple[Transition, ...]:
    """Compile a transition or a list of them, of which the first that fits is taken."""
    nodes = node.items if isinstance(node, Sequence) else (node,)
    bodies = [one for one in nodes if isinstance(one, Tree)]
    said = bodies[0].get("params") if bodies else None
    compiled = [
        _compile(body, on, source, house, number=number, params_node=said)
        for number, body in enumerate(bodies, start=1)
    ]
    return tuple(replace(one, free=_is_free(one)) for one in compiled)


def _is_free(one: Transition) -> bool:
    asks = one.who or one.when or one.unless or one.match
    does = one.sets or one.do
    return not asks and not does and (not one.to or one.to[0].when is None)


def _compile(
    body: Tree, on: On, source: Draft, house: House, *, number: int, params_node: Node | None
) -> Transition:
    """Compile one; where a list says `params` only in its first, they hold for all of it."""
    params = _params(body.get("params") or params_node, house)
    names = with_params(on.names, known_fields(params)) if params.fields else on.names
    return Transition(
        ref=_ref(house.workflow, source, on.word, number),
        kind=on.kind,
        name=on.name,
        source=source.index,
        description=text_of(body.get("description")),
        params=params,
        who=compile_who(body.get("who"), house.context, {}, problems=house.problems),
        when=condition_of(body.get("when"), names, house),
        unless=condition_of(body.get("unless"), names, house),
        message=value_of(body.get("message"), names, house),
        instead=compile_instead(
            body.get("instead"), names, house.context, problems=house.problems
        ),
        match=_match(body.get("match"), on, house) or on.match or {},
        sets=compile_sets(body.get("set"), names, house, fixed=house.fixed),
        do=calls_of(body.get("do"), names, house),
        to=_choices(body.get("to"), names, source, house),
        place=body.place,
    )


def _ref(workflow: str, source: Draft, word: str, number: int) -> str:
    state = f"{source.id}." if source.id else ""
    return f"{workflow}/{state}{word}{f'#{number}' if number > 1 else ''}"


def _params(node: Node | None, house: House) -> Shape:
    return compile_shape(node, problems=house.problems) if isinstance(node, Tree) else NOTHING


def text_of(node: Node | None) -> str:
    """Return a literal text, empty where there is none."""
    return str(node.value) if isinstance(node, Scalar) and node.value is not None else ""


def condition_of(node: Node | None, names: Names, house: House) -> Condition | None:
    """Compile a condition; nothing where there is none."""
    return None if node is None else compile_condition(node, names, problems=house.problems)


def value_of(node: Node | None, names: Names, house: House) -> Value | None:
    """Compile a value; nothing where there is none."""
    return None if node is None else compile_value(node, names, problems=house.problems)


def calls_of(node: Node | None, names: Names, house: House) -> tuple[Call, ...]:
    """Compile `do`; the same action may be called twice there, since nothing awaits the end."""
    nodes = node.items if isinstance(node, Sequence) else (node,)
    return tuple(
        call
        for one in nodes
        for call in compile_calls(one, names, house.context, problems=house.problems)
    )


def compile_sets(
    node: Node | None, names: Names, house: House, *, fixed: Iterable[str] = ()
) -> Sets:
    """Compile `set`: names of inputs or data, with values that can fit them."""
    entries = node.entries if isinstance(node, Tree) else ()
    compiled = [
        (str(key.value), compile_value(value, names, problems=house.problems, strict=True))
        for key, value in entries
        if _can_be_set(key, house, fixed)
    ]
    sets = tuple((name, value) for name, value in compiled if value is not None)
    for name, value in sets:
        if value.constant:
            _check_constant(name, value, house)
    return sets


def _can_be_set(key: Scalar, house: House, fixed: Iterable[str]) -> bool:
    name, fields = str(key.value), house.record.fields
    if name not in fields:
        hint = did_you_mean(name, fields) or f"declare `{name}` under `data`"
        house.report(key.place, "unknown-ref", f"`{name}` is no input and no data", hint)
    elif name in fixed:
        hint = "remember it in a field of `data`"
        house.report(key.place, "key-input", f"the key is made of `{name}`, so it stays", hint)
    return name in fields


def _check_constant(name: str, value: Value, house: House) -> None:
    for wrong in house.record.check({name: value.fill({})}):
        if not wrong.missing:
            message = f"this does not fit `{name}`: {wrong.message}"
            house.report(value.place, "set-type", message)


def _match(node: Node | None, on: On, house: House) -> Mapping[str, Value]:
    """Compile how an event finds its instances: by what it brings along alone."""
    entries = node.entries if isinstance(node, Tree) else ()
    names = with_params(house.outside, on.params)
    known = [(key, value) for key, value in entries if _can_be_set(key, house, ())]
    compiled = {str(key.value): value_of(value, names, house) for key, value in known}
    return {name: value for name, value in compiled.items() if value is not None}


def key_match(house: House, params: Iterable[str], place: Place) -> Mapping[str, Value]:
    """Return how an event finds its instances by itself: by params named as the key's inputs."""
    names = with_params(house.names, dict.fromkeys(params, OPEN))
    compiled = {
        name: value_of(fixed_scalar(f"${{params.{name}}}", place), names, house)
        for name in house.fixed
    }
    return {name: value for name, value in compiled.items() if value is not None}


def _choices(node: Node | None, names: Names, source: Draft, house: House) -> tuple[Choice, ...]:
    if isinstance(node, Sequence):
        bodies = [one for one in node.items if isinstance(one, Tree)]
        found = [
            _choice(one.get("state"), one.get("when"), names, source, house) for one in bodies
        ]
    else:
        found = [] if node is None else [_choice(node, None, names, source, house)]
    return tuple(choice for choice in found if choice is not None)


def _choice(
    state: Node | None, when: Node | None, names: Names, source: Draft, house: House
) -> Choice | None:
    condition = condition_of(when, names, house)
    if not isinstance(state, Scalar):
        return None
    target = resolve(house.chart, source, str(state.value))
    if target is None:
        reach = in_reach(house.chart, source)
        hint = did_you_mean(str(state.value), reach) or _in_reach(reach)
        house.report(state.place, "unknown-ref", f"`{state.value}` is not a state", hint)
        return None
    return _leading(condition, source, target, house)


def _leading(condition: Condition | None, source: Draft, target: int, house: House) -> Choice:
    """Return the way to a target, as `Choice` has it."""
    above = domain(house.chart, source, target)
    way = enters(house.chart, domain=above, target=target)
    around, entered = way_to(house.chart, above), tuple(house.chart[index].id for index in way)
    return Choice(
        when=condition,
        target=target,
        domain=above,
        enters=way,
        quiet=all(is_quiet(house.chart, index) for index in way),
        states=(*around, *entered),
        depth=len(around),
        names=entered,
    )


def _in_reach(names: Iterable[str]) -> str:
    return "from here there is " + ", ".join(f"`{name}`" for name in names)
