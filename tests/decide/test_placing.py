"""Instances that begin in the middle."""

from datetime import timedelta

from bylaw.decide.environment import environment
from bylaw.decide.placing import awaited, placed
from bylaw.decide.workflow import fits
from bylaw.model.actor import ENGINE
from bylaw.model.condition import Env
from bylaw.model.instance import Instance, Moved
from bylaw.model.workflow import Workflow
from tests.compile.workflows import case
from tests.content.houses import NOW

ENV: Env = environment(actor=ENGINE, scope="main", now=NOW)
RELEASE = {"repo": "acme/web", "version": "1.2.0", "build": "b7", "problem": ""}


def at(found: Workflow, state: str, data: dict[str, str]) -> Instance:
    where = found.states[found.by_id[state]]
    return placed(found, where, scope="main", key="k", data=data, now=NOW)


def test_the_states_around_and_the_default_below_are_active() -> None:
    incident = case("incident")

    instance = at(incident, "open.unanswered", {})

    assert instance.states == ("open", "open.unanswered", "open.unanswered.first-line")
    assert set(instance.entries) == set(instance.states)
    assert not instance.closed


def test_an_instance_in_a_final_state_is_closed() -> None:
    assert at(case("incident"), "closed", {}).closed


def test_a_placed_instance_may_follow_its_definition() -> None:
    release = case("release-without-parallel")

    assert fits(release, at(release, "checking", RELEASE))


def test_runs_and_timers_of_the_state_are_awaited() -> None:
    release = case("release-without-parallel")
    instance = at(release, "checking", RELEASE)

    outcome = awaited(release, instance, ENV, NOW)

    assert isinstance(outcome, Moved)
    assert [(one.action, one.name) for one in outcome.effects] == [
        ("ci.check", "tests"),
        ("ci.check", "licences"),
    ]
    assert outcome.effects[0].params == {"build": "b7", "suite": "all"}
    assert [timer.due_at - NOW for timer in outcome.timers] == [timedelta(days=2)]
    assert outcome.instance == instance
