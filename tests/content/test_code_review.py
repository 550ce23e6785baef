from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bylaw.base.plain import Plain, Record
from bylaw.decide.environment import environment
from bylaw.decide.start import start
from bylaw.decide.step import step
from bylaw.decide.workflow import leaf_states
from bylaw.model.actor import ENGINE, Actor
from bylaw.model.instance import Instance, Moved, Refused, StepOutcome, Trigger
from bylaw.model.workflow import TriggerKind
from tests.content.houses import NOW, actor, snapshot

CHANGE = {"repo": "acme/web", "branch": "feature/x", "commit": "c1"}
SUMMARY = {"summary": "Adds the login page."}


@dataclass(frozen=True, kw_only=True)
class Review:
    """An instance of the shipped workflow, with what it was last told."""

    instance: Instance
    last: StepOutcome
    now: datetime = NOW

    @property
    def state(self) -> str:
        return ".".join(leaf_states(snapshot().workflows["code-review"], self.instance))

    @property
    def data(self) -> Record:
        return self.instance.data

    def does(self, who: str, action: str, **params: Plain) -> "Review":
        trigger = Trigger(kind=TriggerKind.ACTION, name=action, params=params)
        return self._step(actor(who), f"code-review.{action}", trigger)

    def hears(self, event: str, **params: Plain) -> "Review":
        sent = CHANGE | params
        trigger = Trigger(kind=TriggerKind.EVENT, name=event, params=sent)
        return self._step(actor("ci"), f"event.{event}", trigger)

    def ends(self, kind: TriggerKind, **params: Plain) -> "Review":
        entry = self.instance.entries["merging"]
        trigger = Trigger(kind=kind, name="git.merge", params=params, state="merging", entry=entry)
        return self._step(ENGINE, "git.merge", trigger)

    def waits(self, days: int) -> "Review":
        timers = self.last.timers if isinstance(self.last, Moved) else ()
        later = self.now + timedelta(days=days)
        due = next(timer for timer in timers if timer.due_at == later)
        trigger = Trigger(kind=TriggerKind.TIMER, name=due.name, state=due.state, entry=due.entry)
        return replace(self, now=later)._step(ENGINE, "git.merge", trigger)

    def _step(self, who: Actor, action: str, trigger: Trigger) -> "Review":
        house = snapshot()
        env = seen_by(who, action, trigger.params)
        workflow = house.workflows["code-review"]
        outcome = step(workflow, self.instance, trigger, env, self.now)
        moved = outcome.instance if isinstance(outcome, Moved) else self.instance
        return Review(instance=moved, last=outcome, now=self.now)


def seen_by(who: Actor, action: str, params: Record) -> Record:
    known = snapshot().actions[action]
    record = {"name": "code-review", "id": "", "key": ""}
    return environment(
        actor=who, action=known, params=params, workflow=record, scope="main", now=NOW
    )


def begun(by: str) -> Review:
    workflow = snapshot().workflows["code-review"]
    outcome = start(
        workflow,
        scope="main",
        instance_id="code-review:acme/web@feature/x",
        key="acme/web@feature/x",
        inputs=workflow.inputs.filled(CHANGE),
        env=seen_by(actor(by), "code-review.start", CHANGE),
        now=NOW,
    )
    assert isinstance(outcome, Moved)
    return Review(instance=outcome.instance, last=outcome)


def submitted(by: str = "claude") -> Review:
    return begun(by).hears("tests.finished", status="passed").does(by, "submit", **SUMMARY)


def approved() -> Review:
    return submitted().does("bob", "approve").does("cleo", "approve")


def refusal(review: Review) -> Refused:
    assert isinstance(review.last, Refused)
    return review.last


def test_a_review_begins_as_a_draft_of_its_author() -> None:
    review = begun("claude")
    assert (review.state, review.data["author"], review.data["tests"]) == (
        "draft",
        "claude",
        "unknown",
    )


def test_a_change_without_green_tests_is_not_submitted_and_says_how_to_run_them() -> None:
    reason = refusal(begun("ana").does("ana", "submit", **SUMMARY)).reasons[0]
    assert reason.message == "The tests are unknown."
    assert reason.advice is not None
    assert (reason.advice.run, reason.advice.params) == ("tests.run", CHANGE)


def test_a_result_for_another_commit_says_nothing() -> None:
    review = begun("ana").hears("tests.finished", commit="c0", status="passed")
    assert review.data["tests"] == "unknown"


def test_two_approvals_make_it_ready() -> None:
    once = submitted().does("bob", "approve")
    assert once.state == "in_review"
    assert once.does("cleo", "approve").state == "approved"


def test_nobody_approves_twice() -> None:
    review = submitted().does("bob", "approve").does("bob", "approve")
    assert refusal(review).code == "guard"
    assert review.data["approved_by"] == ["bob"]


def test_an_author_does_not_approve_the_own_change() -> None:
    assert refusal(submitted("ana").does("ana", "approve")).code == "guard"


def test_an_agent_does_not_approve_and_learns_who_may() -> None:
    refused = refusal(submitted().does("claude", "approve"))
    reason = refused.reasons[0]
    assert (refused.code, reason.who) == ("denied", ("reviewer", "maintainer"))
    assert reason.place.file == "workflows/code-review.yaml"


def test_an_author_who_approves_learns_whom_to_ask() -> None:
    advice = refusal(submitted("ana").does("ana", "approve")).reasons[0].advice
    assert advice is not None
    assert (advice.run, advice.params) == (
        "notify.send",
        {"to": "reviewers", "text": "acme/web@feature/x waits for review."},
    )


def test_new_commits_take_the_approvals_away() -> None:
    review = submitted().does("bob", "approve").hears("git.pushed", commit="c2")
    assert review.state == "in_review"
    assert (review.data["commit"], review.data["tests"]) == ("c2", "unknown")
    assert review.data["approved_by"] == []


def test_new_commits_send_an_approved_change_back() -> None:
    assert approved().hears("git.pushed", commit="c2").state == "draft"


def test_a_reviewer_sends_a_change_back_with_a_comment() -> None:
    review = submitted().does("cleo", "request-changes", comment="The page has no title.")
    assert (review.state, review.data["problem"]) == ("draft", "The page has no title.")


def test_merging_merges_exactly_what_was_approved() -> None:
    review = approved().does("claude", "merge")
    assert isinstance(review.last, Moved)
    assert [(one.action, one.params) for one in review.last.effects] == [
        ("git.merge", CHANGE | {"into": "main"})
    ]
    assert review.ends(TriggerKind.DONE, result={"merged": "m1"}).state == "merged"


def test_a_failed_merge_is_not_a_merge() -> None:
    review = (
        approved().does("claude", "merge").ends(TriggerKind.FAILED, message="conflict in a.py")
    )
    assert (review.state, review.data["problem"]) == ("draft", "conflict in a.py")
    assert review.data["approved_by"] == []


def test_commits_pushed_while_merging_change_nothing() -> None:
    review = approved().does("claude", "merge").hears("git.pushed", commit="c2")
    assert (review.state, review.data["commit"]) == ("merging", "c1")


def test_reviewers_are_reminded_of_a_review_after_a_day() -> None:
    reminded = submitted().waits(days=1)
    assert isinstance(reminded.last, Moved)
    text = "acme/web@feature/x waits for review."
    assert [one.params for one in reminded.last.effects] == [{"to": "reviewers", "text": text}]


def test_a_review_that_nobody_looks_at_is_stale_after_three_days() -> None:
    stale = submitted().waits(days=3)
    assert stale.state == "stale"
    assert stale.does("claude", "reopen").state == "in_review"
