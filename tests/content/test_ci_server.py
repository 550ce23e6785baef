import pytest

from examples.ci_server import Ci, Fields, Reporter

CHANGE = {"repo": "acme/web", "branch": "feature/x", "commit": "c1"}


class Noted(Reporter):
    """Keeps the reports instead of sending them."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Fields]] = []

    def report(self, event: str, params: Fields, *, report_id: str) -> None:
        self.events.append((event, params))


@pytest.fixture
def reporter() -> Noted:
    return Noted()


@pytest.fixture
def ci(reporter: Noted) -> Ci:
    return Ci(reporter=reporter)


def test_a_push_is_reported(ci: Ci, reporter: Noted) -> None:
    ci.answer("/pushes", CHANGE, key="")
    assert reporter.events == [("git.pushed", CHANGE)]


def test_a_run_is_answered_at_once_and_its_result_reported(ci: Ci, reporter: Noted) -> None:
    answer = ci.answer("/runs", CHANGE, key="")
    assert answer.body == {"run": "1"}
    assert reporter.events == [("tests.finished", CHANGE | {"status": "passed"})]


def test_a_run_without_a_commit_tests_the_head(ci: Ci, reporter: Noted) -> None:
    ci.answer("/pushes", CHANGE, key="")
    ci.answer("/runs", CHANGE | {"commit": ""}, key="")
    assert reporter.events[1] == ("tests.finished", CHANGE | {"status": "passed"})


def test_a_broken_branch_fails_its_tests(ci: Ci, reporter: Noted) -> None:
    ci.answer("/runs", CHANGE | {"branch": "broken/x"}, key="")
    assert reporter.events[0][1]["status"] == "failed"


def test_only_the_head_of_a_branch_is_merged(ci: Ci) -> None:
    ci.answer("/pushes", CHANGE | {"commit": "c2"}, key="")
    answer = ci.answer("/merges", CHANGE | {"into": "main"}, key="")
    assert (answer.status, answer.body["message"]) == (409, "the head of feature/x is c2, not c1")


def test_a_conflict_is_not_merged(ci: Ci) -> None:
    conflict = CHANGE | {"branch": "conflict/x", "into": "main"}
    assert ci.answer("/merges", conflict, key="").body == {"message": "conflict in a.py"}


def test_a_call_that_comes_again_with_its_key_is_done_once(ci: Ci) -> None:
    message = {"to": "reviewers", "text": "It waits."}
    answers = [ci.answer("/notifications", message, key="k1") for _ in range(2)]
    assert answers[0] == answers[1]
    assert ci.notifications == [message]


def test_a_field_that_is_not_there_is_named(ci: Ci) -> None:
    answer = ci.answer("/notifications", {"to": "reviewers"}, key="")
    assert (answer.status, answer.body["message"]) == (422, "text is missing")
