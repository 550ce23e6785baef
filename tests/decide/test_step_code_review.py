from datetime import timedelta

from bylaw.model.actor import Actor
from bylaw.model.instance import PlannedEffect, PlannedTimer, StepOutcome
from tests.compile.workflows import case
from tests.decide.machines import AGENT, ANA, BEN, DORA, LATER, NOW, Play, at, no, started

BRANCH = {"repo": "acme/web", "branch": "feature/login"}
CHANGE = {**BRANCH, "commit": "c1"}
SUMMARY = "People can log in again."


def review(*, tested: bool = True) -> Play:
    play = Play.of(case("code-review"), CHANGE)
    if tested:
        at(report(play, "passed"))
    return play


def report(play: Play, status: str, commit: str = "c1") -> StepOutcome:
    return play.report("tests.finished", {**BRANCH, "commit": commit, "status": status})


def in_review() -> Play:
    play = review()
    at(play.act("submit", summary=SUMMARY))
    return play


def merging() -> Play:
    play = in_review()
    at(play.act("approve", by=ANA))
    at(play.act("approve", by=BEN))
    at(play.act("merge"))
    return play


def test_a_start_fills_defaults_and_sets_what_it_says() -> None:
    # when
    moved = at(started(case("code-review"), CHANGE, by=AGENT))

    # then
    assert moved.instance.data == {
        **CHANGE,
        "target": "main",
        "author": "agent-1",
        "tests": "unknown",
        "approved_by": [],
        "problem": "",
    }
    assert (moved.instance.states, moved.instance.version) == (("draft",), 1)


def test_a_start_by_somebody_who_may_not_names_who_may() -> None:
    # when
    refused = no(started(case("code-review"), CHANGE, by=BEN))

    # then
    assert (refused.code, refused.reasons[0].who) == ("denied", ("developer", "kind:agent"))


def test_a_guard_that_does_not_hold_gives_the_message_and_the_next_call() -> None:
    # given
    play = review(tested=False)

    # when
    refused = no(play.act("submit", summary=SUMMARY))

    # then
    reason = refused.reasons[0]
    assert (refused.code, reason.ref) == ("guard", "code-review/draft.submit")
    assert reason.message == "The tests are unknown."
    assert reason.clauses
    assert reason.advice is not None
    assert reason.advice.run == "tests.run"
    assert reason.advice.params == {"repo": "acme/web", "branch": "feature/login"}


def test_a_submitted_change_starts_both_timers_of_the_review() -> None:
    # given
    play = review()

    # when
    moved = at(play.act("submit", summary=SUMMARY))

    # then
    assert moved.transitions == ("code-review/draft.submit",)
    assert moved.left == (("draft", 1),)
    assert moved.timers == (
        PlannedTimer(
            name="after.1d", state="in_review", entry=2, due_at=LATER + timedelta(days=1)
        ),
        PlannedTimer(
            name="after.3d", state="in_review", entry=2, due_at=LATER + timedelta(days=3)
        ),
    )


def test_an_author_cannot_approve_and_is_told_what_the_author_of_the_workflow_says() -> None:
    # given
    play = in_review()
    author = Actor(id="dora", kind="human", roles=("reviewer",))

    # when
    refused = no(play.act("approve", by=author))

    # then
    assert refused.reasons[0].message.startswith("An author, an author's agent")


def test_one_who_is_on_no_list_is_denied_rather_than_blocked() -> None:
    # given
    play = in_review()

    # when
    refused = no(play.act("approve", by=DORA))

    # then
    assert (refused.code, refused.reasons[0].who) == ("denied", ("reviewer", "maintainer"))


def test_the_second_approval_moves_on_by_itself() -> None:
    # given
    play = in_review()
    at(play.act("approve", by=ANA))

    # when
    moved = at(play.act("approve", by=BEN))

    # then
    assert moved.transitions == ("code-review/in_review.approve", "code-review/in_review.always")
    assert (play.state, play.instance.data["approved_by"]) == ("approved", ["ana", "ben"])
    assert moved.instance.version == 5


def test_a_push_takes_approvals_back_and_leads_back_to_draft() -> None:
    # given
    play = in_review()
    at(play.act("approve", by=ANA))
    at(play.act("approve", by=BEN))

    # when
    moved = at(play.report("git.pushed", {**BRANCH, "commit": "c2"}))

    # then
    assert play.state == "draft"
    assert moved.changed == {"commit": "c2", "tests": "unknown", "approved_by": []}


def test_an_event_about_another_branch_is_not_taken() -> None:
    # given
    play = review()

    # when
    refused = no(play.report("git.pushed", {**BRANCH, "branch": "other", "commit": "c2"}))

    # then
    assert refused.code == "guard"
    assert refused.reasons[0].message == "This is about another `branch`: `other`."


def test_a_result_for_an_older_commit_says_nothing() -> None:
    # given
    play = review(tested=False)

    # when
    refused = no(report(play, "passed", commit="c0"))

    # then
    assert refused.code == "guard"


def test_an_action_that_no_active_state_knows_is_not_in_state() -> None:
    # given
    play = review()

    # when
    refused = no(play.act("merge"))

    # then
    assert (refused.code, refused.reasons) == ("not-in-state", ())


def test_merging_plans_one_run_and_its_deadline() -> None:
    # given
    play = merging()

    # then
    moved = at(play.last)
    assert moved.effects == (
        PlannedEffect(
            awaited=True,
            action="git.merge",
            name="git.merge",
            params={**CHANGE, "into": "main"},
            state="merging",
            entry=4,
            retry=3,
            timeout_s=300.0,
        ),
    )
    assert [timer.name for timer in moved.timers] == ["timeout.git.merge"]


def test_the_end_of_the_run_closes_the_review() -> None:
    # given
    play = merging()

    # when
    moved = at(play.done(at(play.last).effects[0]))

    # then
    assert (moved.instance.closed, moved.instance.states) == (True, ("merged",))
    assert moved.left == (("merging", 4),)


def test_a_failed_merge_goes_back_to_draft_with_its_message() -> None:
    # given
    play = merging()

    # when
    at(play.failed(at(play.last).effects[0], "conflict in login.py"))

    # then
    assert (play.state, play.instance.data["problem"]) == ("draft", "conflict in login.py")


def test_a_run_that_takes_too_long_has_failed() -> None:
    # given
    play = merging()

    # when
    at(play.fire(at(play.last).timers[0]))

    # then
    assert (play.state, play.instance.data["problem"]) == ("draft", "timed out")


def test_the_end_of_a_run_whose_state_was_left_is_late() -> None:
    # given
    play = merging()
    run = at(play.last).effects[0]
    at(play.failed(run, "conflict"))

    # when
    refused = no(play.done(run))

    # then
    assert refused.code == "late"


def test_a_closed_review_takes_nothing_more() -> None:
    # given
    play = merging()
    at(play.done(at(play.last).effects[0]))

    # when
    outcomes = [play.act("merge"), report(play, "failed", "c1")]

    # then
    assert [no(outcome).code for outcome in outcomes] == ["not-in-state", "not-in-state"]


def test_a_timer_that_only_reminds_leaves_the_state_as_it_is() -> None:
    # given
    play = in_review()
    remind = at(play.last).timers[0]

    # when
    moved = at(play.fire(remind))

    # then
    assert (play.state, moved.left, moved.timers) == ("in_review", (), ())
    assert [(effect.awaited, effect.action) for effect in moved.effects] == [
        (False, "notify.send")
    ]
    assert moved.effects[0].params["text"] == "acme/web@feature/login waits for review."


def test_a_timer_of_an_earlier_entry_is_late() -> None:
    # given
    play = in_review()
    stale = at(play.last).timers[1]
    at(play.act("request-changes", by=ANA, comment="Please add a test."))

    # when
    refused = no(play.fire(stale))

    # then
    assert refused.code == "late"
    assert refused.reasons[0].message == "`after.3d` came after `in_review` was left."


def test_data_that_would_not_fit_refuses_the_step_and_names_the_field() -> None:
    # given
    play = review(tested=False)

    # when
    refused = no(report(play, "cancelled"))

    # then
    assert refused.code == "guard"
    assert "`tests`" in refused.reasons[0].message
    assert play.instance.version == 1


def test_moved_at_is_now() -> None:
    # given
    play = review(tested=False)

    # when
    moved = at(report(play, "passed"))

    # then
    assert (moved.instance.started_at, moved.instance.moved_at) == (NOW, LATER)
