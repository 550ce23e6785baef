from dataclasses import replace
from datetime import timedelta

from bylaw.decide.workflow import (
    EventTarget,
    event_targets,
    fits,
    instance_key,
    leaf_states,
    new_timers,
    possible,
    startable,
)
from bylaw.model.actor import Actor
from bylaw.model.condition import Unresolved
from tests.compile.workflows import CASES, case, workflow_of
from tests.decide.machines import AGENT, ANA, BEN, CI, DORA, LATER, NOW, Play, at, env_of

CHANGE = {"repo": "acme/web", "branch": "feature/login", "commit": "c1"}
RESULT = {**CHANGE, "status": "passed"}
TEXT = (CASES / "code-review" / "input.yaml").read_text()


def in_review() -> Play:
    play = Play.of(case("code-review"), CHANGE)
    at(play.report("tests.finished", RESULT))
    at(play.act("submit", summary="People can log in again."))
    return play


def offered(play: Play, actor: Actor) -> dict[str, bool]:
    found = possible(play.workflow, play.instance, env_of(actor), NOW)
    return {one.action: one.reason is None for one in found}


def test_a_key_is_made_of_inputs() -> None:
    assert instance_key(case("code-review"), CHANGE) == "acme/web@feature/login"


def test_a_key_without_its_inputs_is_not_known() -> None:
    assert instance_key(case("code-review"), {"repo": "acme/web"}) == Unresolved(
        missing=("branch",)
    )


def test_an_empty_key_is_refused() -> None:
    assert instance_key(case("incident"), {"id": " "}) == Unresolved(errors=("the key is empty",))


def test_what_is_possible_names_every_action_of_the_state_and_who_may() -> None:
    # given
    play = in_review()

    # when
    found = possible(play.workflow, play.instance, env_of(ANA), NOW)

    # then
    assert [(one.action, one.who) for one in found] == [
        ("code-review.approve", ("reviewer", "maintainer")),
        ("code-review.request-changes", ("reviewer", "maintainer")),
    ]


def test_a_reviewer_can_do_what_the_author_cannot() -> None:
    # given
    play = in_review()

    # then
    assert offered(play, ANA) == {
        "code-review.approve": True,
        "code-review.request-changes": True,
    }
    assert offered(play, DORA) == {
        "code-review.approve": False,
        "code-review.request-changes": False,
    }


def test_nothing_is_possible_once_it_is_closed() -> None:
    # given
    play = in_review()
    closed = replace(play.instance, closed=True)

    # then
    assert possible(play.workflow, closed, env_of(ANA), NOW) == ()


def test_a_start_is_possible_for_those_who_may() -> None:
    # when
    found = [startable(case("code-review"), env_of(actor)).reason for actor in (AGENT, BEN)]

    # then
    assert found[0] is None
    assert found[1] is not None
    assert found[1].message == "Only `developer` or `kind:agent` may start this."


def test_the_innermost_states_are_the_leaves() -> None:
    # given
    play = Play.of(
        case("incident"),
        {"id": "a7", "title": "t", "severity": "sev1"},
        by=Actor(id="olga", roles=("on-call",)),
    )

    # then
    assert leaf_states(play.workflow, play.instance) == ("open.unanswered.first-line",)


def test_an_event_finds_instances_by_the_key_of_their_inputs() -> None:
    # when
    found = event_targets(case("code-review"), "tests.finished", env_of(CI, RESULT))

    # then
    fields = {"branch": "feature/login", "repo": "acme/web"}
    assert found == (EventTarget(fields=fields, key="acme/web@feature/login"),)


def test_an_event_that_no_state_takes_finds_nothing() -> None:
    assert event_targets(case("code-review"), "alert.fired", env_of(CI, {})) == ()


def test_an_instance_fits_a_definition_whose_states_and_data_it_has() -> None:
    # given
    play = in_review()
    changed = workflow_of(TEXT.replace("len(approved_by) >= 2", "len(approved_by) >= 3"))

    # then
    assert fits(changed, play.instance)


def test_an_instance_fits_a_definition_with_more_data() -> None:
    # given
    play = in_review()
    more = '  problem:     {type: string, default: ""}\n'
    changed = workflow_of(TEXT.replace(more, more + "  rounds: {type: integer, default: 0}\n"))

    # then
    assert fits(changed, play.instance)


def test_an_instance_does_not_fit_where_its_state_is_gone() -> None:
    # given
    play = in_review()
    changed = workflow_of(TEXT.replace("in_review", "reviewing"))

    # then
    assert not fits(changed, play.instance)


def test_an_instance_does_not_fit_where_its_data_does_not() -> None:
    # given
    play = in_review()
    changed = workflow_of(TEXT.replace("commit: {type: string", "commit: {type: integer"))

    # then
    assert not fits(changed, play.instance)


def test_a_changed_deadline_begins_when_the_instance_follows() -> None:
    # given
    play = in_review()
    changed = workflow_of(TEXT.replace("      3d: {to: stale}", "      2d: {to: stale}"))

    # when
    timers = new_timers(play.workflow, changed, play.instance, LATER)

    # then
    assert [(t.name, t.state, t.due_at) for t in timers] == [
        ("after.2d", "in_review", LATER + timedelta(days=2))
    ]
