"""States: their transitions by trigger, timers, entry and exit, and what they run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bylaw.base.duration import parse_duration
from bylaw.base.names import did_you_mean
from bylaw.base.node import Mapping as Tree
from bylaw.base.node import Node, Scalar
from bylaw.compile.call import compile_calls
from bylaw.compile.workflow_chart import Draft, entering, is_quiet, quiet_from, way_to
from bylaw.compile.workflow_names import with_params
from bylaw.compile.workflow_transition import (
    House,
    On,
    calls_of,
    compile_sets,
    compile_transitions,
    key_match,
    text_of,
)
from bylaw.expr.names import LEAF, OPEN, Names
from bylaw.model.action import Call
from bylaw.model.workflow import State, StateType, Timer, Transition, TriggerKind

Key = tuple[TriggerKind, str]
Table = Mapping[Key, tuple[Transition, ...]]
OUTWARDS = (TriggerKind.ACTION, TriggerKind.EVENT, TriggerKind.ALWAYS)


def compile_states(house: House) -> tuple[State, ...]:
    """Compile every state, then what each leaf tries outwards."""
    parts = [_parts(draft, house) for draft in house.chart]
    tables = [part.transitions for part in parts]
    return tuple(
        _state(draft, part, house, candidates=_candidates(draft, tables))
        for draft, part in zip(house.chart, parts, strict=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What the body of one state says."""

    transitions: Table
    timers: tuple[Timer, ...]
    run: tuple[Call, ...]


def _parts(draft: Draft, house: House) -> _Parts:
    run = compile_calls(draft.node.get("run"), house.names, house.context, problems=house.problems)
    table: dict[Key, tuple[Transition, ...]] = {}
    for on, node in _triggers(draft, house, run):
        found = compile_transitions(node, on, draft, house)
        if found:
            table[on.kind, on.name] = (*table.get((on.kind, on.name), ()), *found)
    timers = (*_timers(draft), *_timeouts(run))
    return _Parts(transitions=table, timers=timers, run=run)


def _state(draft: Draft, parts: _Parts, house: House, *, candidates: Table) -> State:
    node, names = draft.node, house.names
    return State(
        index=draft.index,
        id=draft.id,
        name=draft.name,
        type=draft.type,
        description=text_of(draft.node.get("description")),
        parent=draft.parent,
        children=draft.children,
        depth=len(draft.ancestors),
        last=draft.last,
        ancestors=draft.ancestors,
        entering=entering(house.chart, draft.index),
        candidates=candidates,
        transitions=parts.transitions,
        timers=parts.timers,
        enter_sets=compile_sets(_below(node, "enter", "set"), names, house, fixed=house.fixed),
        enter_do=calls_of(_below(node, "enter", "do"), names, house),
        exit_sets=compile_sets(_below(node, "exit", "set"), names, house, fixed=house.fixed),
        exit_do=calls_of(_below(node, "exit", "do"), names, house),
        run=parts.run,
        quiet=is_quiet(house.chart, draft.index),
        quiet_from=quiet_from(house.chart, draft.index),
        active=frozenset(way_to(house.chart, draft.index)),
        place=draft.place,
    )


def _below(node: Tree, key: str, inner: str) -> Node | None:
    body = node.get(key)
    return body.get(inner) if isinstance(body, Tree) else None


def _triggers(draft: Draft, house: House, run: tuple[Call, ...]) -> Iterator[tuple[On, Node]]:
    """Give every trigger of a state with its transitions, in the order that wins."""
    node = draft.node
    for key, body in _entries(node.get("actions")):
        name = str(key.value)
        yield On(kind=TriggerKind.ACTION, name=name, word=name, names=house.names), body
    yield from _events(node, house)
    always = node.get("always")
    if always is not None:
        yield On(kind=TriggerKind.ALWAYS, name="", word="always", names=house.names), always
    for word in ("after", "every"):
        for key, body in _entries(node.get(word)):
            name = f"{word}.{key.value}"
            yield On(kind=TriggerKind.TIMER, name=name, word=name, names=house.names), body
    yield from _ends(node, house, run)


def _ends(node: Tree, house: House, run: tuple[Call, ...]) -> Iterator[tuple[On, Node]]:
    done, failed = node.get("done"), node.get("failed")
    if done is not None:
        yield On(kind=TriggerKind.DONE, name="", word="done", names=_result(house, run)), done
    if failed is not None:
        names = house.names.with_roots({"error": {"name": LEAF, "message": LEAF}})
        yield On(kind=TriggerKind.FAILED, name="", word="failed", names=names), failed


def _result(house: House, run: tuple[Call, ...]) -> Names:
    """Of one run the result itself; of several a record of them by name."""
    if not run:
        return house.names
    known = OPEN if len(run) == 1 else {call.name: OPEN for call in run}
    return house.names.with_roots({"result": known})


def _events(node: Tree, house: House) -> Iterator[tuple[On, Node]]:
    for key, body in _entries(node.get("events")):
        word = str(key.value)
        found = events_named(word, house.context.events)
        if not found:
            hint = did_you_mean(word, house.context.events)
            house.report(key.place, "unknown-ref", f"`{word}` is not an event", hint)
        for name in found:
            yield _on_event(name, word, key, body, house), body


def _on_event(name: str, word: str, key: Scalar, body: Node, house: House) -> On:
    params = house.context.events[name]
    match = None
    if not _says_match(body):
        _check_findable(key, params, house)
        match = key_match(house, params, key.place) if params.issuperset(house.fixed) else None
    known = dict.fromkeys(sorted(params), OPEN)
    return On(
        kind=TriggerKind.EVENT,
        name=name,
        word=word,
        names=with_params(house.names, known),
        params=known,
        match=match,
    )


def _says_match(body: Node) -> bool:
    bodies = [body] if isinstance(body, Tree) else getattr(body, "items", ())
    return all(isinstance(one, Tree) and one.get("match") is not None for one in bodies)


def _check_findable(key: Scalar, params: frozenset[str], house: House) -> None:
    for name in house.fixed:
        if name not in params:
            message = f"`{key.value}` has no param `{name}`, by which it would find its instances"
            hint = f"say with `match` which instances: `match: {{{name}: …}}`"
            house.report(key.place, "event-match", message, hint)


def events_named(word: str, events: Mapping[str, frozenset[str]]) -> list[str]:
    """Return the events that a descriptor means: its own name, what is below its dot, or all."""
    return [name for name in events if word in ("*", name) or name.startswith(f"{word}.")]


def _timers(draft: Draft) -> Iterator[Timer]:
    for word in ("after", "every"):
        for key, _ in _entries(draft.node.get(word)):
            delay = parse_duration(str(key.value))
            if delay is None:
                continue  # the schema has said so
            yield Timer(
                name=f"{word}.{key.value}",
                delay_s=delay.total_seconds(),
                repeats=word == "every",
                place=key.place,
            )


def _timeouts(run: tuple[Call, ...]) -> Iterator[Timer]:
    for call in run:
        if call.timeout_s is not None:
            yield Timer(
                name=f"timeout.{call.name}",
                delay_s=call.timeout_s,
                repeats=False,
                run=call.name,
                place=call.place,
            )


def _candidates(draft: Draft, tables: list[Table]) -> Table:
    """Return what a leaf tries, from itself outwards; a final state of the root tries nothing."""
    if draft.children or (draft.type is StateType.FINAL and draft.parent == 0):
        return {}
    found: dict[Key, tuple[Transition, ...]] = {}
    for index in (draft.index, *draft.ancestors):
        for key, transitions in tables[index].items():
            if key[0] in OUTWARDS:
                found[key] = (*found.get(key, ()), *transitions)
    return found


def _entries(node: Node | None) -> tuple[tuple[Scalar, Node], ...]:
    return node.entries if isinstance(node, Tree) else ()
