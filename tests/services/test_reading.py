"""The tools that only read: what one may do, where it stands, what rules say, would it pass."""

import asyncio

from tests.running import CHANGE, REVIEW, Running


async def test_listing_is_short_and_names_what_is_blocked(bylaw: Running) -> None:
    await bylaw.run("claude", "code-review.start", params=CHANGE)

    answer = await bylaw.ask("claude", "get_available_actions")

    blocked = {one["action"]: one for one in answer["blocked"]}
    assert blocked["code-review.submit"]["why"] == "The tests are unknown."
    assert blocked["code-review.submit"]["next"][0]["tool"] == "run_action"
    assert answer["instances"] == [{"instance": REVIEW, "state": "draft"}]


async def test_one_action_is_described_with_an_example_call(bylaw: Running) -> None:
    answer = await bylaw.ask("claude", "get_available_actions", action="code-review.start")

    assert answer["schema"]["required"] == ["repo", "branch", "commit"]
    assert answer["example"]["arguments"]["action"] == "code-review.start"


async def test_ungranted_actions_are_in_no_listing(bylaw: Running) -> None:
    answer = await bylaw.ask("ci", "get_available_actions")

    assert "actions" not in answer
    assert set(answer["events"]) == {"alert.fired", "git.pushed", "tests.finished"}


async def test_access_mode_that_one_does_not_have_is_unknown(bylaw: Running) -> None:
    answer = await bylaw.ask("claude", "get_available_actions", access="people")

    assert answer["error"] == "unknown"


async def test_planning_agent_may_look_and_not_change(bylaw: Running) -> None:
    plan = {"session": {"mode": "plan"}}

    read = await bylaw.ask(
        "claude", "enforce", action="file.read", params={"path": "a"}, facts=plan
    )
    write = await bylaw.ask(
        "claude", "enforce", action="file.write", params={"path": "a"}, facts=plan
    )

    assert read["allowed"]
    assert write["error"] == "unknown"


async def test_enforce_says_what_run_action_would(bylaw: Running) -> None:
    await bylaw.run("claude", "code-review.start", params=CHANGE)

    asked = await bylaw.ask(
        "claude",
        "enforce",
        action="code-review.submit",
        params={"summary": "Adds the login page."},
    )

    assert (asked["allowed"], asked["verdict"]) == (False, "deny")
    assert asked["because"][0]["needs"] == 'tests == "passed"'


async def test_enforce_does_nothing(bylaw: Running) -> None:
    asked = await bylaw.ask("claude", "enforce", action="code-review.start", params=CHANGE)

    state = await bylaw.ask("claude", "get_workflow_state")
    assert asked["allowed"]
    assert "instances" not in state


async def test_ask_names_who_could_approve(bylaw: Running) -> None:
    answer = await bylaw.run("claude", "file.write", params={"path": "rules/secret-files.yaml"})

    assert answer["error"] == "needs-approval"
    assert "maintainer" in str(answer["approval"]["approvers"])


async def test_branch_that_is_not_known_counts_as_protected(bylaw: Running) -> None:
    answer = await bylaw.ask("claude", "enforce", action="git.push", params={})

    assert not answer["allowed"]
    assert answer["missing"][0]["param"] == "branch"


async def test_wait_ends_when_the_instance_moves(bylaw: Running) -> None:
    await bylaw.run("ana", "code-review.start", params=CHANGE)
    waiting = asyncio.create_task(
        bylaw.ask("ana", "get_workflow_state", instance=REVIEW, wait_s=20, since_version=1)
    )

    await bylaw.report("ci", "tests.finished", **CHANGE, status="passed")

    assert (await waiting)["version"] == 2


async def test_history_tells_who_did_what(bylaw: Running) -> None:
    await bylaw.tested()

    answer = await bylaw.ask("ana", "get_workflow_state", instance=REVIEW, history=True)

    assert [one["actor"] for one in answer["history"]] == ["ci", "ana"]


async def test_policy_is_told_with_its_values(bylaw: Running) -> None:
    answer = await bylaw.ask("claude", "get_policy", action="git.push")

    assert answer["vars"]["protected"] == ["main", "master", "release/*"]
    assert answer["rules"][0]["rule"] == "branch-protection/no-direct-push"


async def test_fact_that_no_policy_declares_is_refused(bylaw: Running) -> None:
    answer = await bylaw.ask(
        "claude", "enforce", action="file.read", params={"path": "a"}, facts={"admin": True}
    )

    assert answer["error"] == "bad-params"


async def test_persona_is_named_beside_the_policies_and_told_in_full_by_name(
    bylaw: Running,
) -> None:
    every = await bylaw.ask("claude", "get_policy")
    security = await bylaw.ask("claude", "get_policy", name="security")

    assert every["personas"]["security"] == "Security engineer"
    assert "Least privilege." in security["principles"]


async def test_policies_are_listed_with_what_each_is_for(bylaw: Running) -> None:
    answer = await bylaw.ask("claude", "get_policy")

    assert answer["policies"]["branch-protection"] == (
        "Protected branches change only through review."
    )


async def test_state_names_the_events_that_would_move_the_instance(bylaw: Running) -> None:
    await bylaw.run("claude", "code-review.start", params=CHANGE)

    answer = await bylaw.ask("claude", "get_workflow_state", instance=REVIEW)

    assert answer["waiting"] == [{"event": "git.pushed"}, {"event": "tests.finished"}]


async def test_state_lists_no_step_that_the_session_is_not_granted(bylaw: Running) -> None:
    await bylaw.tested()
    reviewing = {"session": {"mode": "review"}}

    building = await bylaw.ask("claude", "get_workflow_state", instance=REVIEW)
    answer = await bylaw.ask("claude", "get_workflow_state", instance=REVIEW, facts=reviewing)

    assert building["actions"] == ["code-review.submit"]
    assert "actions" not in answer


async def test_closed_instance_says_so_and_waits_for_nothing(bylaw: Running) -> None:
    await bylaw.run("claude", "task.start", params={"id": "1", "title": "Look"})
    await bylaw.run("bob", "task.drop", params={"why": "Nobody needs it."})

    answer = await bylaw.ask("claude", "get_workflow_state", instance="task:1")

    assert answer["closed"] is True
    assert answer["about"] == "Nobody needs it."
    assert "waiting" not in answer
