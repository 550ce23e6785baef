"""The index: what is keyed, and what a changed document leaves as it was."""

from dataclasses import replace

from bylaw.base.place import Place
from bylaw.compile.index import FEWEST, Binder
from bylaw.decide.index import candidates
from bylaw.model.action import Action, ActionSource
from bylaw.model.index import RuleTable
from bylaw.model.policy import Policy
from tests.compile.documents import compiled

PUSH = Action(
    name="git.push", description="", source=ActionSource.OUTSIDE, place=Place("built-in")
)
READ = replace(PUSH, name="file.read", tags=frozenset({"read-only"}))
ACTIONS = {action.name: action for action in (PUSH, READ)}


def policy(*conditions: str, actions: str = "[git.push]", name: str = "p") -> Policy:
    rules = "".join(
        f"  - {{name: r{number}, when: '{when}', effect: deny}}\n"
        for number, when in enumerate(conditions)
    )
    found = compiled(
        f"kind: policy\nname: {name}\napplies: {{actions: {actions}}}\nrules:\n{rules}"
    )
    assert isinstance(found, Policy)
    return found


def branches(count: int, *more: str) -> Policy:
    return policy(*[f'params.branch == "b{number}"' for number in range(count)], *more)


def refs(table: RuleTable, params: object) -> list[str]:
    return [bound.rule.ref for bound in candidates(table, {"params": params})]


def test_only_the_rules_for_a_value_are_looked_at() -> None:
    table = Binder().bind([branches(100, "params.force")], ACTIONS)["git.push"]
    assert refs(table, {"branch": "b7"}) == ["p/r7", "p/r100"]
    assert refs(table, {"branch": "other"}) == ["p/r100"]


def test_a_missing_or_odd_value_leaves_out_no_rule() -> None:
    table = Binder().bind([branches(20)], ACTIONS)["git.push"]
    assert len(refs(table, {})) == 20
    assert len(refs(table, {"branch": None})) == 20
    assert len(refs(table, {"branch": ["b1"]})) == 20
    assert len(refs(table, "no record")) == 20


def test_true_is_not_looked_up_as_one() -> None:
    table = Binder().bind([policy(*[f"params.remote == {n}" for n in range(20)])], ACTIONS)[
        "git.push"
    ]
    assert refs(table, {"remote": 1}) == ["p/r1"]
    assert len(refs(table, {"remote": True})) == 20
    assert len(refs(table, {"remote": 1.0})) == 20


def test_a_rule_over_several_values_is_found_by_each() -> None:
    table = Binder().bind([branches(20, 'params.branch in ["x", "y"]')], ACTIONS)["git.push"]
    assert refs(table, {"branch": "x"}) == refs(table, {"branch": "y"}) == ["p/r20"]


def test_rules_on_other_paths_have_a_level_of_their_own() -> None:
    remotes = policy(*[f'params.remote == "r{n}"' for n in range(20)], name="q")
    table = Binder().bind([branches(20), remotes], ACTIONS)["git.push"]
    assert refs(table, {"branch": "b3", "remote": "r5"}) == ["p/r3", "q/r5"]


def test_few_rules_are_all_looked_at() -> None:
    assert Binder().bind([branches(FEWEST - 1)], ACTIONS)["git.push"].levels == ()


def test_rules_are_bound_to_the_actions_that_they_select() -> None:
    tables = Binder().bind([policy("true", actions='["tag:read-only"]')], ACTIONS)
    assert [one.policy.name for one in tables["file.read"]] == ["p"]
    assert list(tables["git.push"]) == []


def test_what_a_changed_policy_does_not_touch_stays_as_it_was() -> None:
    binder = Binder()
    kept, first = policy("true", actions="[file.read]", name="kept"), policy("true")
    before = binder.bind([kept, first], ACTIONS)
    after = binder.bind([kept, policy("false")], ACTIONS)
    assert after["file.read"] is before["file.read"]
    assert after["git.push"] is not before["git.push"]


def test_a_changed_catalogue_is_bound_anew() -> None:
    binder = Binder()
    tagged = policy("true", actions='["tag:read-only"]')
    binder.bind([tagged], ACTIONS)
    push = replace(PUSH, tags=frozenset({"read-only"}))
    after = binder.bind([tagged], {"git.push": push})
    assert [one.policy.name for one in after["git.push"]] == ["p"]
