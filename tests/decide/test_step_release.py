from bylaw.model.actor import Actor
from bylaw.model.instance import PlannedEffect
from tests.compile.workflows import case
from tests.decide.machines import Play, at, no

RELEASE = {"repo": "acme/web", "version": "1.2.3"}
MANAGER = Actor(id="rita", kind="human", roles=("release-manager",))
SECURITY = Actor(id="sam", kind="human", roles=("security",))


def building() -> Play:
    return Play.of(case("release-without-parallel"), RELEASE, by=MANAGER)


def checking() -> tuple[Play, tuple[PlannedEffect, ...]]:
    play = building()
    at(play.done(at(play.last).effects[0], {"id": "b9"}))
    return play, at(play.last).effects


def watching() -> Play:
    play, (tests, licences) = checking()
    at(play.done(tests))
    at(play.done(licences))
    at(play.act("sign-off", by=SECURITY))
    at(play.done(at(play.last).effects[0]))
    return play


def test_a_start_runs_what_the_first_state_runs() -> None:
    # when
    moved = at(building().last)

    # then
    assert [(effect.awaited, effect.action) for effect in moved.effects] == [(True, "ci.build")]


def test_the_result_of_a_run_can_be_set() -> None:
    # when
    play, effects = checking()

    # then
    assert play.instance.data["build"] == "b9"
    assert [effect.name for effect in effects] == ["tests", "licences"]
    assert [effect.params["build"] for effect in effects] == ["b9", "b9"]


def test_the_first_of_two_runs_that_ends_waits_for_the_other() -> None:
    # given
    play, (tests, _) = checking()

    # when
    moved = at(play.done(tests, {"passed": 12}))

    # then
    assert (play.state, moved.transitions) == ("checking.machines", ())
    assert moved.instance.finished == {f"{tests.entry}/tests": {"passed": 12}}


def test_a_run_cannot_end_twice() -> None:
    # given
    play, (tests, _) = checking()
    at(play.done(tests))

    # when
    refused = no(play.done(tests))

    # then
    assert refused.code == "late"


def test_the_last_of_two_runs_leads_on_and_their_results_are_forgotten() -> None:
    # given
    play, (tests, licences) = checking()
    at(play.done(tests))

    # when
    moved = at(play.done(licences))

    # then
    assert moved.instance.states == ("checking", "checking.security", "checking.security.waiting")
    assert moved.instance.finished == {}


def test_the_first_run_that_fails_counts() -> None:
    # given
    play, (_, licences) = checking()

    # when
    moved = at(play.failed(licences, "GPL found"))

    # then
    assert moved.instance.data["problem"] == "licences failed: GPL found"
    assert moved.instance.closed


def test_a_final_state_inside_ends_the_states_around_one_after_another() -> None:
    # given
    play, (tests, licences) = checking()
    at(play.done(tests))
    at(play.done(licences))

    # when
    moved = at(play.act("sign-off", by=SECURITY))

    # then
    assert moved.transitions == (
        "release/checking.security.waiting.sign-off",
        "release/checking.security.done",
        "release/checking.done",
    )
    assert (play.state, moved.instance.closed) == ("canary", False)
    assert [effect.action for effect in moved.effects] == ["deploy.apply"]


def test_the_deadline_of_a_state_around_ends_all_of_it() -> None:
    # given
    play = building()
    moved = at(play.done(at(play.last).effects[0], {"id": "b9"}))
    deadline = next(timer for timer in moved.timers if timer.name == "after.2d")

    # when
    at(play.fire(deadline))

    # then
    assert play.instance.states == ("aborted",)
    assert play.instance.data["problem"] == "The checks took longer than two days."


def test_an_alert_rolls_back_by_the_fields_of_the_key() -> None:
    # given
    play = watching()
    alert = {"alert": "a7", "severity": "sev1", "text": "Errors are up."}

    # when
    at(play.report("alert.fired", {**RELEASE, **alert}))

    # then
    assert (play.state, play.instance.data["problem"]) == ("rolling-back", "Errors are up.")


def test_a_set_that_reads_what_a_result_does_not_have_refuses_the_step() -> None:
    # given
    play = building()

    # when
    refused = no(play.done(at(play.last).effects[0], {}))

    # then
    assert refused.code == "guard"
    assert refused.reasons[0].missing == ("result.id",)
    assert refused.reasons[0].message == "`build` has no value: `result.id` is not known"
