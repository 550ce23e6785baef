"""`trigger_event`: who may report, which instances move, and what a repeated report does."""

from tests.running import CHANGE, REVIEW, Running

PASSED = CHANGE | {"status": "passed"}
DISTRUST = """\
kind: policy
name: distrust
applies: {actions: [event.tests.finished]}
rules: [{name: all-failed, effect: transform, change: {params.status: failed}}]
"""


async def test_event_moves_the_instance_that_its_params_name(bylaw: Running) -> None:
    await bylaw.run("ana", "code-review.start", params=CHANGE)
    await bylaw.run("ana", "code-review.start", params=CHANGE | {"branch": "feature/y"})

    answer = await bylaw.report("ci", "tests.finished", **PASSED)

    assert [one["instance"] for one in answer["instances"]] == [REVIEW]


async def test_agent_is_refused_the_report_of_its_own_tests(bylaw: Running) -> None:
    await bylaw.run("claude", "code-review.start", params=CHANGE)

    refused = await bylaw.report("claude", "tests.finished", **PASSED)

    assert refused["error"] == "denied"
    assert refused["because"][0]["at"].startswith("rules/test-reports.yaml:")
    assert refused["next"][0]["arguments"]["action"] == "tests.run"


async def test_person_who_is_not_on_the_list_is_told_who_is(bylaw: Running) -> None:
    await bylaw.run("ana", "code-review.start", params=CHANGE)

    refused = await bylaw.report("ana", "tests.finished", **PASSED)

    assert refused["error"] == "denied"
    assert refused["because"][0]["rule"] == "event/tests.finished"
    assert refused["because"][0]["who"] == ["ci"]


async def test_repeated_report_with_one_id_moves_nothing_twice(bylaw: Running) -> None:
    await bylaw.run("ana", "code-review.start", params=CHANGE)
    sent = {"event": "tests.finished", "params": PASSED, "id": "run-7"}

    first = await bylaw.ask("ci", "trigger_event", **sent)
    second = await bylaw.ask("ci", "trigger_event", **sent)

    assert first["instances"][0]["version"] == second["instances"][0]["version"] == 2


async def test_event_that_nothing_waits_for_is_taken(bylaw: Running) -> None:
    answer = await bylaw.report("ci", "tests.finished", **PASSED)

    assert answer["ok"]
    assert "instances" not in answer


async def test_event_about_an_older_commit_is_refused_by_the_guard(bylaw: Running) -> None:
    await bylaw.run("ana", "code-review.start", params=CHANGE)

    refused = await bylaw.report("ci", "tests.finished", **PASSED | {"commit": "c0"})

    assert refused["error"] == "guard"
    assert refused["instance"] == REVIEW


async def test_new_commits_take_the_approvals_away(bylaw: Running) -> None:
    await bylaw.in_review()
    await bylaw.run("bob", "code-review.approve")

    await bylaw.report("ci", "git.pushed", **CHANGE | {"commit": "c2"})

    state = await bylaw.ask("ana", "get_workflow_state", instance=REVIEW)
    assert (state["data"]["approved_by"], state["data"]["tests"]) == ([], "unknown")


async def test_misspelt_event_is_told_with_a_call_that_shows_its_params(bylaw: Running) -> None:
    refused = await bylaw.report("ci", "tests.finshed", **PASSED)

    look = refused["next"][0]
    shown = await bylaw.ask("ci", look["tool"], **look["arguments"])
    assert "Did you mean `tests.finished`?" in refused["summary"]
    assert shown["example"]["tool"] == "trigger_event"
    assert shown["example"]["arguments"]["event"] == "tests.finished"


async def test_event_that_is_not_granted_is_not_suggested(bylaw: Running) -> None:
    refused = await bylaw.report("claude", "git_pushed", **CHANGE)

    assert "git.pushed" not in str(refused)


async def test_unknown_event_is_answered_as_one_that_is_not_granted(bylaw: Running) -> None:
    absent = await bylaw.report("claude", "tests.begun", **PASSED)
    ungranted = await bylaw.report("claude", "git.pushed", **CHANGE)

    assert absent["error"] == ungranted["error"] == "unknown"


async def test_instances_see_the_params_as_rules_changed_them(bylaw: Running) -> None:
    await bylaw.run("ana", "code-review.start", params=CHANGE)
    (bylaw.root / "rules" / "distrust.yaml").write_text(DISTRUST)
    await bylaw.opened.reload.once()

    await bylaw.report("ci", "tests.finished", **PASSED)

    state = await bylaw.ask("ana", "get_workflow_state", instance=REVIEW)
    assert state["data"]["tests"] == "failed"
