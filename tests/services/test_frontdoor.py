"""The front door takes what callers plausibly send, says what it repaired, and guesses nothing."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bylaw.base.plain import Plain
from bylaw.services.fitting import read_json
from bylaw.services.frontdoor import (
    NEAR,
    Mistaken,
    Opened,
    as_sent,
    open_door,
    plainest,
    read_with_care,
)
from bylaw.services.tools import BY_NAME, TOOLS, Argument, Kind, Tool

SUBMIT = "code-review.submit"
KNOWN = {
    SUBMIT: frozenset({"branch", "title", "dry_run", "input"}),
    "code-review.tag": frozenset({"name", "workflow"}),
    "event.tests.finished": frozenset({"passed", "commit"}),
}
CALL = {"action": SUBMIT, "params": {"branch": "x"}}


def opened(tool: str, raw: dict[str, Plain]) -> Opened | Mistaken:
    return open_door(BY_NAME[tool], raw, KNOWN.get)


# First calls as models without a manual make them: all mean the same as the right one.
PLAUSIBLE: list[tuple[str, dict[str, Plain], dict[str, Plain]]] = [
    ("run_action", CALL, CALL),
    ("run_action", {"action": SUBMIT, "params": '{"branch": "x"}'}, CALL),
    ("run_action", {"action": SUBMIT, "branch": "x"}, CALL),
    ("run_action", {"action": SUBMIT, "arguments": {"branch": "x"}}, CALL),
    ("run_action", {"action": SUBMIT, "args": '{"branch": "x"}'}, CALL),
    ("run_action", {"action": SUBMIT, "parameters": {"branch": "x"}}, CALL),
    ("run_action", {"name": SUBMIT, "arguments": {"branch": "x"}}, CALL),
    ("run_action", {"action_name": SUBMIT, "params": {"branch": "x"}}, CALL),
    ("run_action", {"args": CALL}, CALL),
    ("run_action", {"arguments": CALL}, CALL),
    ("run_action", {"input": json.dumps(CALL)}, CALL),
    ("run_action", {"params": CALL}, CALL),
    ("run_action", {"args": {"action": SUBMIT, "branch": "x"}}, CALL),
    ("run_action", {**CALL, "instance": None, "facts": None, "reason": ""}, CALL),
    ("run_action", {**CALL, "facts": "{}"}, {**CALL, "facts": {}}),
    ("run_action", {**CALL, "context": {"a": 1}}, {**CALL, "facts": {"a": 1}}),
    ("run_action", {**CALL, "workflow": "a:b"}, {**CALL, "instance": "a:b"}),
    ("run_action", {**CALL, "instance_id": "a:b"}, {**CALL, "instance": "a:b"}),
    ("run_action", {**CALL, "expectedVersion": "3"}, {**CALL, "expected_version": 3}),
    ("run_action", {**CALL, "expected-version": 3.0}, {**CALL, "expected_version": 3}),
    ("run_action", {**CALL, "idempotencyKey": 42}, {**CALL, "idempotency_key": "42"}),
    (
        "run_action",
        {"action": SUBMIT, "dry-run": True},
        {"action": SUBMIT, "params": {"dry_run": True}},
    ),
    (
        "run_action",
        {"action": SUBMIT, "params": {"dry-run": True}, "branch": "x"},
        {"action": SUBMIT, "params": {"dry_run": True, "branch": "x"}},
    ),
    ("run_action", {"action": SUBMIT, "input": "a"}, {"action": SUBMIT, "params": {"input": "a"}}),
    (
        "run_action",
        {"action": "code-review.tag", "name": "v1", "workflow": "w"},
        {"action": "code-review.tag", "params": {"name": "v1", "workflow": "w"}},
    ),
    ("enforce", {"tool_name": SUBMIT, "kwargs": {"branch": "x"}}, CALL),
    ("enforce", {**CALL, "explain": "true"}, {**CALL, "explain": True}),
    ("enforce", {"action": "no.such", "a": 1}, {"action": "no.such", "params": {"a": 1}}),
    (
        "trigger_event",
        {"event": "tests.finished", "passed": True, "commit": "c1"},
        {"event": "tests.finished", "params": {"passed": True, "commit": "c1"}},
    ),
    (
        "trigger_event",
        {"type": "tests.finished", "payload": {"passed": True}},
        {"event": "tests.finished", "params": {"passed": True}},
    ),
    ("get_available_actions", {"limit": "20"}, {"limit": 20}),
    ("get_available_actions", {"query": "merge"}, {"filter": "merge"}),
    ("get_available_actions", {"args": {}}, {}),
    ("get_workflow_state", {"workflow": "code-review"}, {"workflow": "code-review"}),
    ("get_workflow_state", {"params": {"instance": "a:b"}}, {"instance": "a:b"}),
    ("get_policy", {"policy": "freeze"}, {"name": "freeze"}),
    ("get_context_data", {"path": "tasks/1"}, {"key": "tasks/1"}),
    (
        "update_context",
        {"key": "tasks/1", "data": {"done": None}},
        {"key": "tasks/1", "value": {"done": None}},
    ),
    ("update_context", {"key": "a", "value": None}, {"key": "a", "value": None}),
    ("update_context", {"key": "a", "value": '{"b": 1}'}, {"key": "a", "value": '{"b": 1}'}),
]


@pytest.mark.parametrize(("tool", "raw", "meant"), PLAUSIBLE)
def test_a_plausible_call_is_taken_as_it_is_meant(
    tool: str, raw: dict[str, Plain], meant: dict[str, Plain]
) -> None:
    found = opened(tool, raw)

    assert isinstance(found, Opened)
    assert found.arguments == meant


@pytest.mark.parametrize(("tool", "raw", "meant"), PLAUSIBLE)
def test_what_was_repaired_is_said_unless_nothing_was(
    tool: str, raw: dict[str, Plain], meant: dict[str, Plain]
) -> None:
    found = opened(tool, raw)
    sent = {name: value for name, value in raw.items() if value is not None or name == "value"}

    assert isinstance(found, Opened)
    assert (found.repaired == ()) == (sent == meant)


@pytest.mark.parametrize(
    ("tool", "raw", "argument", "words"),
    [
        ("run_action", {}, "action", "is missing"),
        ("run_action", {"action": ""}, "action", "is missing"),
        ("run_action", {"action": None}, "action", "is missing"),
        ("run_action", {"params": {"branch": "x"}}, "action", "is missing"),
        ("run_action", {"action": 5.5}, "action", "must be a text"),
        ("run_action", {**CALL, "titel": "t"}, "titel", "did you mean `title`?"),
        ("run_action", {**CALL, "branch": "y"}, "branch", "came twice"),
        ("run_action", {"action": SUBMIT, "params": "branch=x"}, "params", "must be an object"),
        ("run_action", {"action": SUBMIT, "params": ["x"]}, "params", "must be an object"),
        ("run_action", {"action": SUBMIT, "params": '{"a":1,"a":2}'}, "params", "must be an obj"),
        ("run_action", {**CALL, "args": {"title": "t"}}, "args", "is not an argument"),
        ("run_action", {**CALL, "expected_version": "two"}, "expected_version", "whole number"),
        ("run_action", {**CALL, "expected_version": True}, "expected_version", "whole number"),
        ("run_action", {**CALL, "expected_version": -1}, "expected_version", "at least 0"),
        ("run_action", {**CALL, "expected_version": 2**60}, "expected_version", "at most"),
        ("run_action", {**CALL, "params": {"a": float("nan")}}, "params", "cannot be stored"),
        ("run_action", {**CALL, "params": {"a": ["\ud800"]}}, "params", "cannot be stored"),
        ("run_action", {**CALL, "params": {"a\0": 1}}, "params", "cannot be stored"),
        ("enforce", {**CALL, "idempotency_key": "k"}, "idempotency_key", "is not an argument"),
        ("enforce", {**CALL, "explain": "maybe"}, "explain", "true or false"),
        ("get_available_actions", {"limit": 201}, "limit", "at most 200"),
        ("get_available_actions", {"limit": 0}, "limit", "at least 1"),
        ("get_workflow_state", {"wait_s": 60}, "wait_s", "at most 25"),
        ("get_workflow_state", {"instance": "a" * 1_001}, "instance", "1001 characters"),
        ("update_context", {"key": "a"}, "value", "is missing"),
        ("update_context", {"key": "a", "value": 1, "mode": "swap"}, "mode", "`replace`"),
    ],
)
def test_what_cannot_be_read_is_a_mistake_that_says_what_to_send(
    tool: str, raw: dict[str, Plain], argument: str, words: str
) -> None:
    found = opened(tool, raw)

    assert isinstance(found, Mistaken)
    said = found.mistakes[0]
    assert said.argument == argument
    assert words in f"{said.message} {said.hint}"


def test_all_mistakes_are_told_at_once() -> None:
    found = opened("get_available_actions", {"limit": "many", "explain": "maybe", "colour": "red"})

    assert isinstance(found, Mistaken)
    assert [mistake.argument for mistake in found.mistakes] == ["colour", "explain", "limit"]


def test_a_mistake_names_what_was_called_so_that_a_stranger_to_it_learns_nothing() -> None:
    found = opened("trigger_event", {"event": "tests.finished", "id": {}})

    assert isinstance(found, Mistaken)
    assert found.subject == "event.tests.finished"


def test_what_is_nested_too_deep_is_too_large() -> None:
    deep: Plain = 1
    for _ in range(1_000):
        deep = [deep]

    found = opened("run_action", {"action": SUBMIT, "params": {"branch": deep}})

    assert isinstance(found, Mistaken)
    assert found.error == "too-large"


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_near_name_stands_for_one_argument_of_a_tool(tool: Tool) -> None:
    names = [plainest(near) for name in tool.names for near in NEAR.get(name, ())]
    free = [name for name in names if name not in {plainest(own) for own in tool.names}]

    shared = {name for name in free if free.count(name) > 1}

    # `data` and `payload` may be the params of an event or the value of a record, not both.
    assert shared == set()


texts = st.one_of(
    st.text(alphabet='ab1é"{}\0\ud800', max_size=6), st.sampled_from(["", "true", "7", "{}"])
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
records = st.dictionaries(
    st.sampled_from(["branch", "dry-run", "dry_run", "passed", "name"]),
    st.integers(min_value=10_000, max_value=99_999).map(str),
    max_size=2,
)
# Values that mean one of the kind, in the forms in which they are sent.
MEANT: dict[Kind, st.SearchStrategy[Plain]] = {
    Kind.TEXT: st.sampled_from(["word", "merge", 42, ""]),
    Kind.OBJECT: records | records.map(json.dumps),
    Kind.WHOLE: st.sampled_from([7, "7", 7.0]),
    Kind.NUMBER: st.sampled_from([1.5, "1.5", 2]),
    Kind.FLAG: st.sampled_from([True, "true", "False"]),
    Kind.ANY: records | st.none(),
}
SUBJECTS = {
    "action": st.sampled_from([SUBMIT, "code-review.tag", "no.such"]),
    "event": st.sampled_from(["tests.finished", "no.such"]),
}


@st.composite
def arguments(draw: st.DrawFn, argument: Argument) -> tuple[str, Plain]:
    """Draw one argument under its own or a near name, mostly with a value that it takes."""
    near = st.sampled_from(NEAR.get(argument.name, (argument.name,)))
    name = draw(st.just(argument.name) | near)
    meant = SUBJECTS.get(argument.name, MEANT[argument.kind])
    return name, draw(meant | values if draw(st.integers(0, 9)) == 9 else meant)


@st.composite
def calls(draw: st.DrawFn) -> tuple[Tool, dict[str, Plain]]:
    """Draw a call of a tool as a client may send it, right or nearly so."""
    tool = draw(st.sampled_from(TOOLS))
    chosen = draw(st.sets(st.sampled_from(tool.names), max_size=3)) | set(tool.required)
    known = [argument for argument in tool.arguments if argument.name in chosen]
    call = dict(draw(arguments(argument)) for argument in known)
    flat = draw(records) if tool.subject else {}
    call = {**flat, **call} if draw(st.booleans()) else call
    forms: tuple[dict[str, Plain], ...] = (call, {"args": call}, {"input": json.dumps(call)})
    return tool, draw(st.sampled_from(forms))


@given(calls())
def test_every_call_is_opened_or_mistaken_and_what_is_opened_fits_the_schema(
    call: tuple[Tool, dict[str, Plain]],
) -> None:
    tool, raw = call

    found = open_door(tool, raw, KNOWN.get)

    match found:
        case Opened():
            jsonschema.validate(found.arguments, tool.schema())
        case Mistaken():
            assert found.mistakes


@given(calls())
def test_what_was_opened_opens_again_as_it_is(call: tuple[Tool, dict[str, Plain]]) -> None:
    tool, raw = call
    found = open_door(tool, raw, KNOWN.get)

    match found:
        case Opened():
            again = open_door(tool, found.arguments, KNOWN.get)
            assert again == Opened(arguments=found.arguments)
        case Mistaken():
            assert found.mistakes


@given(calls())
def test_what_is_taken_as_it_was_sent_is_read_with_care_to_the_same(
    call: tuple[Tool, dict[str, Plain]],
) -> None:
    tool, raw = call
    named = {name: value for name, value in raw.items() if name in tool.by_name}

    quick = as_sent(tool, named, KNOWN.get)

    assert quick in (None, read_with_care(tool, named, KNOWN.get))


@given(calls())
def test_nothing_that_was_said_is_dropped(call: tuple[Tool, dict[str, Plain]]) -> None:
    tool, raw = call

    found = open_door(tool, raw, KNOWN.get)

    match found:
        case Opened():
            assert leaves(dict(found.arguments)) == leaves(raw)
        case Mistaken():
            assert found.mistakes


def leaves(value: Plain) -> list[str]:
    """Return what was said, sorted: every scalar but null and blanks, in one spelling."""
    if isinstance(value, str) and value.startswith("{"):
        value = read_json(value)
    if isinstance(value, dict):
        return sorted(leaf for one in value.values() for leaf in leaves(one))
    if isinstance(value, list):
        return sorted(leaf for one in value for leaf in leaves(one))
    if isinstance(value, float):
        return [f"{value:g}"]
    return [] if value in (None, "") else [str(value).strip().lower()]


@given(values)
def test_any_value_under_any_name_is_answered(value: Plain) -> None:
    found = opened("enforce", {"action": SUBMIT, "params": {"branch": value}, "facts": value})

    assert isinstance(found, Opened | Mistaken)


def test_number_without_measure_is_refused_in_words_of_json() -> None:
    with pytest.raises(ValueError, match="more than 1000 digits"):
        read_json('{"a": ' + "9" * 5000 + "}")
