"""`run_action` from the inside: steps, races, keys, refusals, on both databases."""

import asyncio

from tests.running import CHANGE, REVIEW, SUMMARY, Running


async def test_start_gives_the_instance_its_state_and_what_comes_next(bylaw: Running) -> None:
    answer = await bylaw.run("claude", "code-review.start", params=CHANGE)

    assert (answer["instance"], answer["state"], answer["version"]) == (REVIEW, "draft", 1)
    assert answer["decision"].startswith("dec_")


async def test_second_start_with_one_key_is_refused_with_the_open_one(bylaw: Running) -> None:
    await bylaw.run("claude", "code-review.start", params=CHANGE)

    again = await bylaw.run("claude", "code-review.start", params=CHANGE)

    assert (again["error"], again["instance"]) == ("not-in-state", REVIEW)
    assert again["next"][0]["arguments"] == {"instance": REVIEW}


async def test_guard_refuses_with_clause_place_and_a_call_that_works(bylaw: Running) -> None:
    await bylaw.run("claude", "code-review.start", params=CHANGE)

    refused = await bylaw.run("claude", "code-review.submit", params=SUMMARY)

    reason = refused["because"][0]
    assert refused["error"] == "guard"
    assert reason["saw"] == {"tests": "unknown"}
    assert reason["needs"] == 'tests == "passed"'
    assert reason["at"].startswith("workflows/code-review.yaml:")
    assert refused["next"][0]["arguments"]["action"] == "tests.run"


async def test_own_agent_may_not_approve(bylaw: Running) -> None:
    await bylaw.in_review()

    refused = await bylaw.run("claude", "code-review.approve")

    assert refused["error"] in ("denied", "guard")
    assert refused["because"][0]["rule"] == "code-review/in_review.approve"
    assert refused["next"]


async def test_two_approvals_lead_on_to_approved(bylaw: Running) -> None:
    await bylaw.in_review()

    first = await bylaw.run("bob", "code-review.approve")
    second = await bylaw.run("cleo", "code-review.approve")

    assert (first["state"], second["state"]) == ("in_review", "approved")
    assert second["changed"] == {"approved_by": ["bob", "cleo"]}


async def test_same_person_counts_once(bylaw: Running) -> None:
    await bylaw.in_review()
    await bylaw.run("bob", "code-review.approve")

    again = await bylaw.run("bob", "code-review.approve")

    assert again["error"] == "guard"


async def test_of_concurrent_approvals_none_is_lost_and_none_counts_twice(bylaw: Running) -> None:
    await bylaw.in_review()

    answers = await asyncio.gather(
        bylaw.run("bob", "code-review.approve"),
        bylaw.run("cleo", "code-review.approve"),
        bylaw.run("bob", "code-review.approve"),
    )

    state = await bylaw.ask("ana", "get_workflow_state", instance=REVIEW)
    assert sorted(answer["ok"] for answer in answers) == [False, True, True]
    assert sorted(state["data"]["approved_by"]) == ["bob", "cleo"]
    assert state["version"] == 5


async def test_expected_version_makes_a_lost_race_stale(bylaw: Running) -> None:
    await bylaw.in_review()

    stale = await bylaw.run("bob", "code-review.approve", expected_version=1)

    assert (stale["error"], stale["version"], stale["state"]) == ("stale", 3, "in_review")


async def test_repeated_key_gives_the_first_answer_and_does_nothing(bylaw: Running) -> None:
    await bylaw.in_review()

    first = await bylaw.run("bob", "code-review.approve", idempotency_key="k1")
    second = await bylaw.run("bob", "code-review.approve", idempotency_key="k1")

    assert second == {**first, "repeated": True}


async def test_key_of_another_call_is_refused(bylaw: Running) -> None:
    await bylaw.in_review()
    await bylaw.run("bob", "code-review.approve", idempotency_key="k1")

    other = await bylaw.run("bob", "code-review.merge", idempotency_key="k1")

    assert other["error"] == "key-reused"
    (look,) = other["next"]
    assert (look["tool"], look["arguments"]) == (
        "get_available_actions",
        {"action": "code-review.merge"},
    )


async def test_key_of_another_call_leads_to_the_instance_that_was_named(bylaw: Running) -> None:
    await bylaw.in_review()
    await bylaw.run("bob", "code-review.approve", idempotency_key="k1")

    other = await bylaw.run("bob", "code-review.merge", instance=REVIEW, idempotency_key="k1")

    (look,) = other["next"]
    assert (look["tool"], look["arguments"]) == ("get_workflow_state", {"instance": REVIEW})


async def test_refused_call_leaves_its_key_free(bylaw: Running) -> None:
    await bylaw.tested()
    await bylaw.run("bob", "code-review.approve", idempotency_key="k1")
    await bylaw.run("ana", "code-review.submit", params=SUMMARY)

    answer = await bylaw.run("bob", "code-review.approve", idempotency_key="k1")

    assert answer["ok"]


async def test_denied_outside_action_names_rule_place_and_a_next_call(bylaw: Running) -> None:
    refused = await bylaw.run("claude", "git.push", params={"branch": "main"})

    assert refused["error"] == "denied"
    assert refused["because"][0]["rule"] == "branch-protection/no-direct-push"
    assert refused["because"][0]["at"].startswith("rules/branch-protection.yaml:")
    assert refused["next"]


async def test_allowed_outside_action_is_left_to_the_caller(bylaw: Running) -> None:
    answer = await bylaw.run("claude", "git.push", params={"branch": "feature/x"})

    assert answer["error"] == "runs-outside"


async def test_unknown_action_names_near_ones(bylaw: Running) -> None:
    answer = await bylaw.run("claude", "code-review.aprove")

    assert answer["error"] == "unknown"
    assert "`code-review.approve`" in answer["summary"]


async def test_what_is_not_granted_is_answered_as_what_is_not_there(bylaw: Running) -> None:
    granted = await bylaw.run("ci", "code-review.approve")
    absent = await bylaw.run("ci", "code-review.nothing")

    assert granted["error"] == absent["error"] == "unknown"
    assert granted["summary"] == absent["summary"].replace("nothing", "approve")


async def test_wrong_params_are_named_one_by_one(bylaw: Running) -> None:
    answer = await bylaw.run("ana", "code-review.start", params={"repo": 5, "brunch": "x"})

    assert answer["error"] == "bad-params"
    assert "`repo`" in answer["summary"]
    assert {one["param"] for one in answer["missing"]} == {"branch", "commit"}


async def test_action_of_several_instances_asks_which_one(bylaw: Running) -> None:
    await bylaw.run("ana", "code-review.start", params=CHANGE)
    await bylaw.run("ana", "code-review.start", params=CHANGE | {"branch": "feature/y"})

    answer = await bylaw.run("ana", "code-review.submit", params=SUMMARY)

    assert answer["error"] == "which-instance"
    assert len(answer["instances"]) == 2


async def test_every_run_leaves_a_decision_in_the_audit(bylaw: Running) -> None:
    answer = await bylaw.run("ana", "code-review.start", params=CHANGE)

    async with bylaw.opened.wired.house.store.read() as tx:
        record = await tx.audit.get("main", answer["decision"])

    assert record is not None
    assert record.body["outcome"] == "done"
    assert record.body["snapshot"] == bylaw.opened.wired.house.snapshots.live.digest


async def test_refused_step_is_in_the_audit_with_its_instance(bylaw: Running) -> None:
    await bylaw.run("ana", "code-review.start", params=CHANGE)

    refused = await bylaw.run("ana", "code-review.submit", params=SUMMARY)

    async with bylaw.opened.wired.house.store.read() as tx:
        record = await tx.audit.get("main", refused["decision"])
    assert record is not None
    assert (record.body["outcome"], record.instance) == ("guard", REVIEW)
