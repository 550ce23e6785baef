"""Attacks: each is a mistake at load or a bounded error in a run; nothing hangs or escapes."""

from typing import Any

import pytest

from bylaw.expr.names import Names
from bylaw.model.condition import Condition, Truth, Unresolved
from tests.expr.expressions import (
    ENV,
    NAMES,
    compiled_condition,
    compiled_value,
    condition,
    filled,
    mistakes,
)


@pytest.mark.parametrize(
    "text",
    [
        "().__class__.__bases__[0].__subclasses__()",
        "params.__class__",
        "params.a.__dict__ == 1",
        "len.__globals__",
        "__import__('os').system('true')",
        "__builtins__",
        "any(__x for __x in approved_by)",
        "open('/etc/passwd')",
        "eval('1')",
        "exec('1')",
        "getattr(params, 'x')",
        "globals()",
        "type(params)",
        "print(1)",
        "range(10)",
        "str(1)",
        "'{0.__class__}'.format(params)",
        "'%s' % params == 'x'",
        "f'{params}' == 'x'",
        "rf'{params}' == 'x'",
        "b'x' == params",
        "params.items()",
        "params.get('x')",
        "lambda: 1",
        "(lambda: 1)()",
        "[x for x in [1]]",
        "{x: x for x in [1]}",
        "any(x async for x in approved_by)",
        "(yield 1)",
        "await params",
        "x := 1",
        "(x := 1) == 1",
        "import os",
        "a = 1",
        "del params",
        "assert frozen",
        "frozen; frozen",
        "frozen\\\n",
        "2 ** 999999999 == 1",
        "9 ** 9 ** 9 == 1",
        "1 << 999999999 == 1",
        "'x' * 999999999 == 1",
        "[0] * 999999999 == 1",
        "999999999 * 'x' == 1",
        "9" * 1500 + " == 1",
        "1e999 == 1",
        "(" * 10_000 + "1" + ")" * 10_000,
        "(" * 900 + "1" + ")" * 900,
        "[" * 150 + "]" * 150 + " == 1",
        "not " * 490 + "frozen",
        "-" * 1_900 + "1 == 1",
        "params" + ".a" * 900,
        "params" + "[0]" * 600,
        "1" + " + 1" * 480 + " == 1",
        " and ".join(["frozen"] * 250),
        "1 if frozen else " * 110 + "1",
        "len(" * 60 + "tests" + ")" * 60 + " == 1",
        "x" * 2_001,
        "\u212fval == 1",
        "\uff50arams.a == 1",
        "params.\uff3f\uff3fclass\uff3f\uff3f",
        "frozen\u00a0and true",
        "frozen\u202eand true",
        "frozen\x00",
        "\ufefffrozen",
        "params.a == \ud800",
        "matches(tests, '(?=x)')",
        r"matches(tests, '(a)\\1')",
        "matches(tests, '((a{1000}){1000}){1000}')",
        "matches(tests, '(((((((((((a{9}){9}){9}){9}){9}){9}){9}){9}){9}){9}){9})')",
        "Ellipsis",
        "NotImplemented",
        "self.env",
        "e",
        "m",
        "bad(1)",
        "truth(frozen)",
        "k11(tests)",
    ],
)
def test_an_attack_is_a_mistake_at_load(text: str) -> None:
    assert mistakes(text)


def _run(expression: str, **params: Any) -> Truth:
    return condition(expression).test({**ENV, "params": params})


@pytest.mark.parametrize(
    "text",
    [
        "any(any(any(x + y + z == -1 for z in params.a) for y in params.a) for x in params.a)",
        "all(x > -1 for x in params.b)",
        "any(any(y == -1 for y in params.a) for x in params.b)",
        "any(x == -1 for x in params.b) or any(x == -1 for x in params.b)",
    ],
)
def test_a_bomb_of_generators_ends_at_the_limit(text: str) -> None:
    said = _run(text, a=list(range(1000)), b=list(range(20_000)))
    assert isinstance(said, Unresolved)
    assert "more than 10000 items" in said.errors[0]


def test_every_any_has_steps_of_its_own() -> None:
    text = "any(x == -1 for x in params.a) or any(x == 1 for x in params.a)"
    assert _run(text, a=list(range(6000))) is True


@pytest.mark.parametrize(
    "text",
    [
        "params.n * params.n * params.n == 1",
        "params.n + params.n == 1",
        "params.text + params.text + params.text == 1",
        "params.list + params.list == 1",
        "params.huge * params.huge == 1",
        "params.huge % 7 / 0.0 == 1",
        "params.huge / 7 == 1",
        "-params.huge == 1",
        "round(params.float) == 1",
        "text(params.huge) == 1",
        "sum(params.huges) == 1",
        "params.deep == params.other",
        "text(params.loop) == 1",
        "join(params.texts, params.text) == 1",
        "matches(params.lone, 'x')",
    ],
)
def test_what_grows_too_large_is_an_error(text: str) -> None:
    loop: list[Any] = []
    loop.append(loop)
    deep: list[Any] = []
    other: list[Any] = []
    for _ in range(100_000):
        deep, other = [deep], [other]
    said = _run(
        text,
        n=2**62,
        text="x" * 600_000,
        list=[0] * 6_000,
        huge=10**5000,
        huges=[10**300] * 2,
        float=1e300,
        deep=deep,
        other=other,
        loop=loop,
        texts=["x"] * 100,
        lone="\udc80",
    )
    assert isinstance(said, Unresolved)


def test_a_text_of_data_is_never_code() -> None:
    text = "__import__('os').system('true')"
    assert filled("${params.a}", params={"a": text}) == text
    assert filled("${params.a}", params={"a": "${now}"}) == "${now}"
    assert filled("x${params.a}", params={"a": "{0.__class__}"}) == "x{0.__class__}"


def test_names_of_data_are_never_code() -> None:
    names = NAMES.with_roots({"e": NAMES.roots["params"], "meter": NAMES.roots["params"]})
    names = names.with_vars({"k11": 3, "bad": 4})
    env = {**ENV, "e": {"e": 1}, "meter": {"x": 2}}
    assert condition("e.e == 1 and meter.x == 2 and k11 == 3 and bad == 4", names).test(env)
    text = "all(x == 1 and e.e == 1 for x in [1]) and any(v1 == 2 for v1 in [1, 2])"
    assert condition(text, names).test(env) is True


def test_a_field_with_quotes_and_backslashes_is_only_a_field() -> None:
    assert condition(r'params["a\"]+[\\"] == 1').test({**ENV, "params": {'a"]+[\\': 1}}) is True


def test_a_catastrophic_pattern_is_harmless() -> None:
    assert _run(r"matches(params.a, r'^(a+)+$')", a="a" * 100_000 + "b") is False
    assert _run(r"matches(params.a, r'(x+x+)+y')", a="x" * 100_000) is False


def test_an_expensive_pattern_is_bounded() -> None:
    expensive = compiled_condition(r"matches(params.a, r'(a?){900}(b|a){90}z$')")
    assert expensive is None or expensive.test({**ENV, "params": {"a": "a" * 100_000}}) is False


def _layers(pattern: str) -> int:
    """Return how many conditions can each be made of the one before."""
    names: Names = NAMES
    layer: Condition | None = condition("frozen")
    while layer is not None and len(names.conditions) < 200:
        names = names.with_conditions({f"c{len(names.conditions)}": layer})
        layer = compiled_condition(pattern.format(f"c{len(names.conditions) - 1}"), names)
    return len(names.conditions)


def test_named_conditions_do_not_grow_without_bound() -> None:
    assert _layers("{0} or {0}") < 12
    assert 20 < _layers("not {0}") < 100


@pytest.mark.parametrize("count", [10, 1_000, 100_000])
def test_a_value_with_many_braces_ends(count: int) -> None:
    assert compiled_value("${" * count) is None
    assert compiled_value("${{" * count + "}" * count) is None
    assert compiled_value("$${" * count) is not None


def test_many_quotes_end() -> None:
    assert compiled_condition('"' * 1_999) is None
    assert compiled_condition('"\\' * 999) is None
