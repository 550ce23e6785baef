"""What the conditions of rules see."""

from bylaw.decide.environment import about
from tests.decide.houses import ANA, action, env, house


def test_an_env_about_another_action_is_the_same_as_a_new_one() -> None:
    snapshot = house()
    first = env(snapshot, "git.push", {"branch": "x"}, actor=ANA)
    wanted = env(snapshot, "file.read", {"path": "a"}, actor=ANA)
    assert about(first, action(snapshot, "file.read"), {"path": "a"}) == wanted


def test_records_of_the_engine_are_complete() -> None:
    seen = env(house(), "git.push", {})
    assert seen["session"] == {"id": None, "mode": None}
    assert seen["workflow"] is None


def test_a_resource_that_is_not_known_is_not_there() -> None:
    assert "resource" not in env(house(), "git.push", {})


def test_a_fact_never_takes_the_place_of_what_the_engine_knows() -> None:
    seen = env(house(), "git.push", {}, actor=ANA, facts={"actor": {"id": "eve"}})
    assert seen["actor"] == ANA.record()
