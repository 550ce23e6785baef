"""Conditions over facts: what they say, what they lack, and that order does not matter."""

import pytest

from bylaw.expr.names import OPEN
from bylaw.model.condition import Unresolved
from tests.expr.expressions import ENV, NAMES, condition, error, missing, truth


@pytest.mark.parametrize(
    "text",
    [
        'params.branch == "main"',
        'params.branch != "next"',
        "params.count > 2 and params.count >= 3",
        "2 < params.count <= 3",
        "params.force",
        "not frozen",
        "true",
        "True",
        'actor.id in ["ana", "bob"]',
        'actor.id in ("ana", "bob")',
        '"bob" not in ["ana"]',
        "params.branch in protected",
        'protected == ["main", "release/*"]',
        "limits.files == 3",
        "protected[0] == params.branch",
        "actor.works_for == null",
        "actor.works_for == None",
        "params.items.keys == 1",
        'params["items"]["get"] == "got"',
        'params.items["length"] == 2',
        'params.from == "there"',
        'params["dry-run"]',
        "params.files[0] == 'src/a.py'",
        "params.files[-1] == 'docs/b.md'",
        "params.files[params.count - 3] == 'src/a.py'",
        "params.items[params.from] == 2 or true",
        "params.files[:1] == ['src/a.py']",
        'params.branch[1:3] == "ai"',
        "params.people[0].name == 'ana'",
        "params.people[params.count - 2].name == 'bob'",
        "1 + 2 * 3 - 4 / 2 == 5.0",
        "7 // 2 == 3 and 7 % 2 == 1 and -params.count == -3",
        '"a" + params.branch == "amain"',
        "[1] + sizes == [1, 1, 2]",
        'now > timestamp("2026-01-01")',
        'now + duration("1h") - now == 3600',
        "now - 60 < now",
        "(1 if params.force else 2) == 1",
        "(1 if frozen else 2) == 2",
        "(params.force if params.count > 1 else params.gone)",
        'in_state("draft") and not in_state("open.unanswered")',
        'labels == {"team": params.team} or labels == {"team": "web"}',
        "has(params.nothing) and not has(params.gone)",
        "has(params.files[1]) and not has(params.files[2])",
        "not has(workflow.name)",
        "not has(params.branch.name)",
        'any(one == "main" for one in protected)',
        "all(len(one) > 3 for one in params.files)",
        'any(person.name == "bob" for person in params.people if has(person.name))',
        'all(person.name != "eve" for person in params.people if person.name != "ana")',
        "any(any(a == b for b in approved_by) for a in actor.roles + approved_by)",
        'any(tag == "git" for tag in action.tags)',
        'any(key == "team" for key in labels)',
        "any(x for x in [false, params.force])",
        "any([params.force, frozen])",
        "all([params.force, true])",
        'any(x == 1 for x in ([1] if any(y == "main" for y in protected) else [2]))',
        "(params.force and params.force) == true",
    ],
)
def test_condition_holds(text: str) -> None:
    assert truth(text) is True


@pytest.mark.parametrize(
    "text",
    [
        'params.branch == "next"',
        "not params.force",
        "false",
        "1 > 2 > params.gone",
        "params.gone > 1 > 2",
        "all(x for x in [false, params.gone]) and false",
        "has(session.mode)",
        "any(x == 1 for x in [])",
        "any(one.gone for one in params.people if false)",
    ],
)
def test_condition_does_not_hold(text: str) -> None:
    assert truth(text) is False


def test_a_condition_of_yaml_may_be_a_truth_value() -> None:
    assert truth(True) is True
    assert truth(False) is False


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ('params.target == "x"', ("params.target",)),
        ("params.target", ("params.target",)),
        ("params.target.name == 1", ("params.target",)),
        ("resource.owner == actor.id", ("resource",)),
        ("params.a == params.b", ("params.a", "params.b")),
        ("params.a and params.b", ("params.a", "params.b")),
        ("params.a or params.b or params.a", ("params.a", "params.b")),
        ("not params.a", ("params.a",)),
        ("params.files[7] == 1", ("params.files[7]",)),
        ("params.files[7].name == 1", ("params.files[7]",)),
        ("len(params.gone) > 1", ("params.gone",)),
        ("params.gone[0] == 1", ("params.gone",)),
        ("params.files[params.gone] == 1", ("params.gone",)),
        ("params.branch[:params.gone] == 1", ("params.gone",)),
        ("[params.gone] == []", ("params.gone",)),
        ('{"a": params.gone} == {}', ("params.gone",)),
        ("params.x if params.gone else params.y", ("params.gone",)),
        ("any(x.age > 1 for x in params.people)", ("params.people[].age",)),
        ("any(x > 1 for x in params.gone)", ("params.gone",)),
        ("any(x.y.z for x in [labels])", ("[labels][].y",)),
        ("-params.gone > 1", ("params.gone",)),
    ],
)
def test_what_is_missing_is_named(text: str, lacks: tuple[str, ...]) -> None:
    assert missing(text) == lacks


def test_in_state_outside_of_an_instance_lacks_the_workflow() -> None:
    env = {name: value for name, value in ENV.items() if name != "$states"}
    assert condition('in_state("draft")').test(env) == Unresolved(missing=("workflow",))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("workflow.name == 1", "`workflow` is null and has no `name`"),
        ("params.branch.name == 1", "`params.branch` is a text and has no `name`"),
        ("params.count[0] == 1", "`params.count` is a whole number and has no item 0"),
        ("params.branch > 1", "`params.branch > 1`: a text and a whole number have no order"),
        ("now > params.count", "`now > params.count`: a moment and a whole number have no order"),
        ("1 in params.count", "`1 in params.count`: nothing can stand in a whole number"),
        ("1 in params.branch", "`1 in params.branch`: a whole number cannot stand in a text"),
        ("params.count", "`params.count`: this is a whole number, where true or false is needed"),
        (
            "params.count and true",
            "`params.count`: this is a whole number, where true or false is needed",
        ),
        ("1 / (params.count - 3) > 1", "`1 / (params.count - 3)`: nothing can be divided by zero"),
        ("params.count * params.branch == 1", "a number is needed, not a text"),
        ("params.force + 1 == 2", "a number is needed, not true or false"),
        ("params.branch + 1 == 2", "write `text(…)` around the other"),
        ("params.files[params.force] == 1", "true or false is neither a field nor a position"),
        ("params.files[params.count] == 1", "there is no `3` in it"),
        ("labels[params.branch] == 1", "there is no `main` in it"),
        ("params.count[:1] == 1", "a whole number has no parts"),
        ("params.branch[params.share:] == 1", "a part begins and ends at whole numbers"),
        ("any(x for x in params.branch)", "a list is needed, not a text"),
        ("any(x for x in params.files)", "`x`: this is a text, where true or false is needed"),
        ("any([true and frozen, params.count])", "true or false is needed, not a whole number"),
        ("params.files > params.people", "what is in them has no order"),
    ],
)
def test_what_goes_wrong_is_said(text: str, says: str) -> None:
    assert says in error(text)


@pytest.mark.parametrize("wrong", ["params.gone", "params.count", "params.branch > 1"])
def test_a_clause_that_is_certain_decides_wherever_it_stands(wrong: str) -> None:
    assert truth(f"frozen and {wrong}") is False
    assert truth(f"{wrong} and frozen") is False
    assert truth(f"not frozen or {wrong}") is True
    assert truth(f"{wrong} or not frozen") is True
    assert isinstance(truth(f"{wrong} and not frozen"), Unresolved)
    assert isinstance(truth(f"frozen or {wrong}"), Unresolved)


def test_an_item_that_is_certain_decides_wherever_it_stands() -> None:
    people = [{}, {"name": "ana"}]
    assert truth('any(x.name == "ana" for x in params.people)', params={"people": people}) is True
    assert truth('all(x.name == "bob" for x in params.people)', params={"people": people}) is False
    unsure = truth('all(x.name == "ana" for x in params.people)', params={"people": people})
    assert unsure == Unresolved(missing=("params.people[].name",))


def test_an_item_whose_filter_is_not_known_decides_only_if_it_could() -> None:
    people = [{"age": 3}]
    params = {"people": people}
    assert truth("any(x.age > 5 for x in params.people if x.known)", params=params) is False
    assert truth("all(x.age < 5 for x in params.people if x.known)", params=params) is True
    unsure = truth("any(x.age < 5 for x in params.people if x.known)", params=params)
    assert unsure == Unresolved(missing=("params.people[].known",))


def test_a_truth_value_in_a_list_decides_wherever_it_stands() -> None:
    assert truth("any([params.count, true])", params={"count": 3}) is True
    assert truth("all([params.count, false])", params={"count": 3}) is False


def test_a_named_condition_stands_for_its_text() -> None:
    quiet = condition("not frozen and params.count < limits.files + 1")
    names = NAMES.with_conditions({"quiet": quiet})
    both = condition('quiet and tests == "passed"', names)
    assert both.test(ENV) is True
    assert both.reads == {"frozen", "params.count", "tests"}
    assert both.test({**ENV, "frozen": True}) is False


def test_the_names_that_can_be_read_are_listed() -> None:
    reads = condition(
        "params.files[0].name == actor.id and now > now and has(params.ticket)"
        ' and any(x.y == protected for x in labels.all) and params["dry-run"]'
    ).reads
    assert reads == {
        "params.files",
        "actor.id",
        "now",
        "params.ticket",
        "labels.all",
        "params.dry-run",
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('params.a == "x"', (("params.a", ("x",)),)),
        ('"x" == params.a', (("params.a", ("x",)),)),
        ("tests in [1, 2.5, null] and frozen", (("tests", (1, 2.5, None)),)),
        ("params.a in protected", (("params.a", ("main", "release/*")),)),
        ('(params.a == 1 and frozen) and tests == "x"', (("params.a", (1,)), ("tests", ("x",)))),
        ("params.a == 1 or frozen", ()),
        ("not (params.a == 1)", ()),
        ("params.a != 1", ()),
        ("params.a == params.b", ()),
        ("params.a == [1]", ()),
        ("params.a in [[1]]", ()),
        ('params.a in "text"', ()),
        ("params.a[0] == 1", ()),
        ("1 < params.a == 2", ()),
        ("1 in params.a", ()),
    ],
)
def test_equalities_are_what_must_hold(text: str, found: tuple[object, ...]) -> None:
    assert condition(text).equalities == found


def test_equal_texts_at_one_place_are_equal_conditions() -> None:
    first, second = condition("not frozen"), condition("not frozen")
    assert first == second
    assert hash(first) == hash(second)


def test_names_grow_without_changing() -> None:
    more = NAMES.with_roots({"fact": OPEN}).with_vars({"word": "x"})
    assert condition("fact.any == word", more).test({"fact": {"any": "x"}}) is True
    assert "fact" not in NAMES.roots


def test_data_that_contains_itself_is_an_error_and_no_crash() -> None:
    loop: list[object] = []
    loop.append(loop)
    other: list[object] = [[]]
    other[0] = other
    assert "too large" in error("params.a == params.b", params={"a": loop, "b": other})
