"""Calls as a newcomer makes them: the answer alone says what is wrong and what to send."""

from tests.running import CHANGE, REVIEW, Running


async def test_what_is_missing_and_what_it_is_are_sentences_of_their_own(bylaw: Running) -> None:
    answer = await bylaw.ask("claude", "run_action")

    assert answer["summary"].startswith("`action` is missing. Full name from")


async def test_last_part_of_a_name_is_near_the_whole_name(bylaw: Running) -> None:
    answer = await bylaw.run("claude", "submit")

    assert answer["summary"] == "There is no action `submit`. Did you mean `code-review.submit`?"


async def test_misspelt_param_gets_a_guess(bylaw: Running) -> None:
    params = {"repos": "acme/web", "branch": "b", "commit": "c"}

    answer = await bylaw.run("claude", "code-review.start", params=params)

    assert "`repos` is not known (did you mean `repo`)." in answer["summary"]


async def test_refusal_names_the_states_in_which_the_action_is_possible(bylaw: Running) -> None:
    await bylaw.run("claude", "code-review.start", params=CHANGE)

    answer = await bylaw.run("ana", "code-review.approve")

    assert answer["summary"] == (
        f"Not done: `{REVIEW}` is in `draft`; "
        "`code-review.approve` is possible in `in_review` only."
    )


async def test_one_who_may_not_do_a_step_is_told_what_to_do_instead(bylaw: Running) -> None:
    await bylaw.in_review()

    answer = await bylaw.run("claude", "code-review.approve", instance=REVIEW)

    assert answer["next"][0]["arguments"]["action"] == "notify.send"


async def test_advice_that_only_says_something_comes_with_a_call(bylaw: Running) -> None:
    answer = await bylaw.ask("claude", "enforce", action="file.write", params={"path": "rules/a"})

    assert [one.get("tool", "says") for one in answer["next"]] == ["says", "get_policy"]


async def test_listing_that_nothing_fits_says_so(bylaw: Running) -> None:
    answer = await bylaw.ask("claude", "get_available_actions", filter="zzz")

    assert answer["summary"] == "Nothing fits `zzz` that you may do."
    assert answer["next"][0]["arguments"] == {}


async def test_cursor_that_no_answer_gave_is_refused(bylaw: Running) -> None:
    wrong = await bylaw.ask("claude", "get_available_actions", cursor="x")
    late = await bylaw.ask("claude", "get_available_actions", cursor="900")

    assert (wrong["error"], late["error"]) == ("bad-params", "bad-params")


async def test_access_mode_that_one_does_not_have_names_those_that_one_has(
    bylaw: Running,
) -> None:
    answer = await bylaw.ask("claude", "get_available_actions", access="people")

    assert answer["summary"].endswith("Yours: `agent-build`.")


async def test_state_takes_the_key_of_an_instance_as_run_action_does(bylaw: Running) -> None:
    await bylaw.run("claude", "code-review.start", params=CHANGE)

    answer = await bylaw.ask("claude", "get_workflow_state", instance="acme/web@feature/x")

    assert answer["instance"] == REVIEW


async def test_unknown_instance_gets_a_guess(bylaw: Running) -> None:
    await bylaw.run("claude", "code-review.start", params=CHANGE)

    answer = await bylaw.ask("claude", "get_workflow_state", instance="code-review:acme/web@x")

    assert answer["summary"].endswith(f"Did you mean `{REVIEW}`?")


async def test_unknown_workflow_gets_a_guess_and_a_call(bylaw: Running) -> None:
    answer = await bylaw.ask("claude", "get_workflow_state", workflow="code-reviews")

    assert answer["summary"].endswith("Did you mean `code-review`?")
    assert answer["next"][0]["tool"] == "get_workflow_state"


async def test_policy_is_found_under_either_spelling(bylaw: Running) -> None:
    answer = await bylaw.ask("claude", "get_policy", name="branch_protection")

    assert answer["policy"] == "branch-protection"


async def test_policy_and_action_together_narrow_the_rules(bylaw: Running) -> None:
    answer = await bylaw.ask("claude", "get_policy", name="branch-protection", action="git.merge")

    assert [rule["rule"] for rule in answer["rules"]] == ["branch-protection/merge-only-by-review"]


async def test_enforce_by_an_unknown_policy_gets_a_guess(bylaw: Running) -> None:
    answer = await bylaw.ask("claude", "enforce", action="git.push", policy="branch-protecton")

    assert answer["summary"].endswith("Did you mean `branch-protection`?")


async def test_fact_that_no_policy_declares_is_refused_with_a_call(bylaw: Running) -> None:
    answer = await bylaw.ask("claude", "get_available_actions", facts={"actor": "ana"})

    assert answer["error"] == "bad-params"
    assert answer["next"][0]["tool"] == "get_policy"


async def test_what_runs_outside_is_asked_about_with_the_params_that_were_sent(
    bylaw: Running,
) -> None:
    answer = await bylaw.run("claude", "git.push", params={"branch": "feature/x"})

    assert answer["next"][0]["arguments"]["params"] == {"branch": "feature/x"}


async def test_summary_that_is_too_short_is_told_how_long(bylaw: Running) -> None:
    await bylaw.run("claude", "code-review.start", params=CHANGE)

    answer = await bylaw.run("claude", "code-review.submit", params={"summary": "Short"})

    assert answer["summary"] == "`summary` is `Short`; it wants at least 10 characters."


async def test_review_of_nothing_is_not_started(bylaw: Running) -> None:
    params = {"repo": "", "branch": "", "commit": ""}

    answer = await bylaw.run("claude", "code-review.start", params=params)

    assert answer["error"] == "bad-params"
    assert answer["summary"].startswith("`repo` is ")


async def test_merge_outside_of_a_review_is_denied_without_stumbling(bylaw: Running) -> None:
    params = {"repo": "acme/web", "branch": "b", "commit": "c", "into": "main"}

    answer = await bylaw.run("claude", "git.merge", params=params)

    assert "errors" not in answer["because"][0]


async def test_enforce_says_that_a_second_review_of_a_branch_cannot_be_started(
    bylaw: Running,
) -> None:
    await bylaw.run("claude", "code-review.start", params=CHANGE)

    asked = await bylaw.ask("claude", "enforce", action="code-review.start", params=CHANGE)

    assert asked["allowed"] is False
    assert asked["instance"] == REVIEW


async def test_tool_that_is_taken_for_an_action_is_called_by_itself(bylaw: Running) -> None:
    answer = await bylaw.run("claude", "get_context_data")

    assert answer["error"] == "unknown"
    assert answer["next"][0]["tool"] == "get_context_data"


async def test_action_that_is_taken_for_a_policy_leads_to_its_rules(bylaw: Running) -> None:
    answer = await bylaw.ask("claude", "get_policy", name="git.push")

    assert answer["next"][0]["arguments"] == {"action": "git.push"}


async def test_record_that_one_may_not_write_is_answered_with_those_that_one_may(
    bylaw: Running,
) -> None:
    answer = await bylaw.ask("claude", "update_context", key="roadmap/q1", value={})

    assert answer["summary"] == (
        "There is no record `roadmap/q1` that you may write. "
        "You may write `logs/**`, `notes/**`, `tasks/**`."
    )


async def test_question_without_the_param_that_a_rule_reads_is_told_to_send_it(
    bylaw: Running,
) -> None:
    answer = await bylaw.ask("claude", "enforce", action="git.push")

    assert "send `branch` too" in answer["summary"]
    assert answer["next"][0]["arguments"] == {"action": "git.push"}


async def test_example_of_writing_a_record_is_a_call_of_its_own_tool(bylaw: Running) -> None:
    answer = await bylaw.ask("claude", "get_available_actions", action="context.write")

    assert answer["example"]["tool"] == "update_context"
