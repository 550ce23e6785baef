"""The compiled form, the careful evaluator and simpleeval give the same answers."""

from typing import Any

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from bylaw.expr import evaluate
from bylaw.expr.reference import reference_truth, reference_value
from bylaw.expr.text import plain_of
from bylaw.expr.tree import Tree
from bylaw.model.condition import Condition, Truth, Unresolved
from tests.expr.expressions import ENV, NAMES, compiled_condition, compiled_value, condition
from tests.expr.generated import environments, truths, values

CALM = condition("not frozen and params.count < 2")
WITH_CALM = NAMES.with_conditions({"calm": CALM})


def generated(text: str) -> Condition:
    """Compile a generated text; what the check finds before a run is no example."""
    found = compiled_condition(text, WITH_CALM)
    assume(found is not None)
    assert found is not None
    return found


def alike(first: Truth, second: Truth) -> bool:
    """Say whether both are the same truth, or both unknown."""
    if isinstance(first, Unresolved) or isinstance(second, Unresolved):
        return isinstance(first, Unresolved) and isinstance(second, Unresolved)
    return first is second


def careful(found: Condition, env: dict[str, Any]) -> Truth:
    """Return what the careful evaluator says."""
    assert isinstance(found.tree, Tree)
    return evaluate.truth(found.tree.root, env)


@settings(max_examples=400, deadline=None)
@given(truths(2), environments())
def test_a_condition_says_what_simpleeval_says(text: str, env: dict[str, Any]) -> None:
    found = generated(text)
    said = found.test(env)
    event(f"it is {said if isinstance(said, bool) else 'unknown'}")
    assert alike(said, reference_truth(text, WITH_CALM, env))
    assert said == careful(found, env)


@settings(max_examples=300, deadline=None)
@given(st.lists(truths(1), min_size=2, max_size=4), environments(), st.booleans())
def test_a_condition_says_the_same_while_the_call_is_not_known(
    parts: list[str], env: dict[str, Any], known: bool
) -> None:
    found = generated(" and ".join(f"({one})" for one in parts))
    sent = env["params"] if known else {}
    before = {name: value for name, value in {**env, "params": sent}.items() if name != "resource"}

    # The first times some of it is walked through, later all of it is compiled.
    said = [found.test(before) for _ in range(4)]

    event("walked" if isinstance(said[0], Unresolved) else "told")
    assert said == [careful(found, before)] * 4


@settings(max_examples=300, deadline=None)
@given(values(2), environments())
def test_a_value_is_what_simpleeval_gives(text: str, env: dict[str, Any]) -> None:
    found = compiled_value("${" + text + "}", WITH_CALM)
    assume(found is not None)
    assert found is not None
    filled = found.fill(env)
    expected = reference_value(text, WITH_CALM, env)
    event("unknown" if isinstance(filled, Unresolved) else "known")
    assert isinstance(filled, Unresolved) == isinstance(expected, Unresolved)
    assert isinstance(filled, Unresolved) or filled == plain_of(expected)


@settings(max_examples=200, deadline=None)
@given(st.lists(truths(1), min_size=2, max_size=4), st.sampled_from(["and", "or"]), st.data())
def test_the_order_of_clauses_never_matters(
    parts: list[str], sign: str, data: st.DataObject
) -> None:
    env = data.draw(environments())
    shuffled = data.draw(st.permutations(parts))
    said = [generated(f" {sign} ".join(f"({one})" for one in some)) for some in (parts, shuffled)]
    assert alike(said[0].test(env), said[1].test(env))


def read(path: str, env: dict[str, Any]) -> Any:
    """Return what stands at a dotted path, or Unresolved."""
    found = condition(f"{path} == 1", WITH_CALM).tree
    assert isinstance(found, Tree)
    return evaluate.evaluate(found.root.first, env)  # type: ignore[union-attr] # a comparison


@settings(max_examples=200, deadline=None)
@given(st.lists(truths(1), min_size=1, max_size=2), environments(), st.data())
def test_what_an_index_leaves_out_could_not_have_held(
    parts: list[str], env: dict[str, Any], data: st.DataObject
) -> None:
    key = data.draw(
        st.sampled_from(
            ['params.branch == "main"', 'tests in ["a", "main", 1]', "2 == params.get"]
        )
    )
    found = generated(
        " and ".join(f"({one})" for one in data.draw(st.permutations([*parts, key])))
    )
    for path, constants in found.equalities:
        value = read(path, env)
        if not isinstance(value, Unresolved) and value not in constants:
            assert found.test(env) is False


@settings(max_examples=200, deadline=None)
@given(truths(2), environments(), st.booleans())
def test_there_is_an_explanation_exactly_where_one_is_needed(
    text: str, env: dict[str, Any], wanted: bool
) -> None:
    found = generated(text)
    clauses = found.explain(env, wanted)
    assert bool(clauses) == (found.test(env) is not wanted)


@pytest.mark.parametrize(
    "text",
    [
        "params.items == 1",
        "params.keys.get == 1",
        'params.from == "there"',
        'params.branch in ("main", "x")',
        "1 < params.count < 9 > params.gone",
        "params.branch == protected[0] and calm",
        'any(any(y == "ana" for y in approved_by) and x.name == "bob" for x in params.people)',
        "any(x for x in params.branch)",
        'params.branch[frozen:] == "ain"',
        'endswith(text=params.branch, end="n")',
        'date(now, zone="Europe/Berlin") == "2026-11-20"',
        'hour(zone="Europe/Berlin", moment=now) == 13 and minute(now) == 30',
        'contains(what="main", where=params.branch)',
        "min(1, params.count) == 1",
        'matches(params.branch, "^m")',
        "any(x for x in params.count)",
        "any(x for x in params.gone)",
        'in_state("draft")',
    ],
)
def test_the_twins_agree_on(text: str) -> None:
    assert alike(condition(text, WITH_CALM).test(ENV), reference_truth(text, WITH_CALM, ENV))


def test_the_twins_agree_outside_of_a_workflow() -> None:
    env = {name: value for name, value in ENV.items() if name != "$states"}
    assert reference_truth('in_state("draft")', NAMES, env) == condition('in_state("draft")').test(
        env
    )


def test_the_twins_agree_that_too_many_items_are_too_many() -> None:
    text = "any(any(x + y == -1 for y in params.files) for x in params.files)"
    env = {**ENV, "params": {"files": list(range(200))}}
    assert isinstance(condition(text, WITH_CALM).test(env), Unresolved)
    assert isinstance(reference_truth(text, WITH_CALM, env), Unresolved)
