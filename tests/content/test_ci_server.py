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


VERSION = {"repo": "acme/web", "version": "1.2.0"}


def built(ci: Ci, **other: str) -> str:
    number = ci.answer("/builds", VERSION | other, key="").body["id"]
    assert isinstance(number, str)
    return number


def test_the_same_version_is_the_same_build(ci: Ci) -> None:
    assert built(ci) == built(ci)
    assert built(ci) != built(ci, version="1.2.1")


def test_a_broken_repository_is_not_built(ci: Ci) -> None:
    answer = ci.answer("/builds", VERSION | {"repo": "acme/broken"}, key="")
    assert (answer.status, answer.body["message"]) == (409, "acme/broken 1.2.0 does not compile")


def test_licences_are_checked_by_the_name_of_the_repository(ci: Ci) -> None:
    good = {"build": built(ci), "suite": "licences"}
    bad = {"build": built(ci, repo="acme/copyleft"), "suite": "licences"}
    assert ci.answer("/checks", good, key="").status == 200
    assert ci.answer("/checks", bad, key="").body == {"message": "GPL found"}
    assert ci.answer("/checks", bad | {"suite": "all"}, key="").status == 200


@pytest.mark.parametrize("path", ["/checks", "/deployments"])
def test_a_build_that_is_not_there_is_named(ci: Ci, path: str) -> None:
    answer = ci.answer(path, {"build": "b0", "suite": "all", "percent": 10}, key="")
    assert (answer.status, answer.body["message"]) == (404, "there is no build b0")


def test_a_dry_run_deploys_nothing(ci: Ci, reporter: Noted) -> None:
    build = built(ci, repo="acme/sick")
    ci.answer("/deployments", {"build": build, "percent": 10, "dry_run": True}, key="")
    assert (ci.deployments, reporter.events) == ([], [])


def test_a_sick_deployment_fires_an_alert(ci: Ci, reporter: Noted) -> None:
    build = built(ci, repo="acme/sick")
    ci.answer("/deployments", {"build": build, "percent": 10}, key="")
    alert = {"alert": f"errors-{build}-10", "severity": "sev2", "text": "More errors."}
    assert reporter.events == [("alert.fired", VERSION | {"repo": "acme/sick"} | alert)]


def test_a_stuck_repository_is_not_rolled_back(ci: Ci) -> None:
    assert ci.answer("/rollbacks", {"repo": "acme/web"}, key="").status == 200
    assert ci.answer("/rollbacks", {"repo": "acme/stuck"}, key="").status == 409


def test_a_page_is_taken(ci: Ci) -> None:
    page = {"to": "on-call", "text": "Checkout is down."}
    assert ci.answer("/pages", page, key="").body == {"id": "1"}
    assert ci.pages == [page]


def test_a_monitor_can_be_played(ci: Ci, reporter: Noted) -> None:
    alert = {"alert": "a1", "repo": "acme/web", "severity": "sev1", "text": "Down."}
    ci.answer("/alerts", alert, key="")
    assert reporter.events == [("alert.fired", alert | {"version": ""})]


def test_a_field_that_is_not_there_is_named(ci: Ci) -> None:
    answer = ci.answer("/notifications", {"to": "reviewers"}, key="")
    assert (answer.status, answer.body["message"]) == (422, "text is missing")
