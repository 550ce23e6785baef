"""Actions as tools: what there is for whom, how a call goes, and what is said without one."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bylaw.base.plain import Plain
from bylaw.model.actor import Actor
from bylaw.services.answer import Answer
from bylaw.services.caller import Caller
from bylaw.services.endpoint_tool import ActionTool
from tests.endpoints import save_endpoints, with_endpoints
from tests.running import CHANGE, REVIEW, SUMMARY, Running, running

QUIET = """
kind: policy
name: quiet
description: No tags while others sleep.
applies: {actions: [git.tag]}
facts: {quiet: {type: boolean}}
rules:
  - {name: sleep, when: quiet, effect: deny, message: Others sleep.}
"""


@pytest.fixture
async def bylaw(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Running]:
    async with running(with_endpoints(tmp_path / "house"), sqlite_url) as found:
        yield found


def at(bylaw: Running, name: str, endpoint: str) -> Caller:
    """Return somebody who came in by an endpoint."""
    live = bylaw.opened.wired.house.snapshots.live
    return replace(bylaw.caller(name), endpoint=endpoint, at=live.endpoints[endpoint])


async def call(bylaw: Running, name: str, endpoint: str, tool: str, **arguments: Plain) -> Answer:
    """Call a tool of an endpoint as somebody."""
    return await bylaw.opened.wired.endpoints.call(tool, arguments, at(bylaw, name, endpoint))


def tools(bylaw: Running, name: str, endpoint: str) -> dict[str, ActionTool]:
    """Return the tools that an endpoint has for somebody, by name."""
    found = bylaw.opened.wired.endpoints.tools(at(bylaw, name, endpoint))
    return {tool.name: tool for tool in found}


def timeless(answer: Answer) -> Answer:
    """Return an answer without what is new in every one."""
    return {name: value for name, value in answer.items() if name != "timestamp"}


def test_actions_are_tools_by_the_last_part_of_their_names(bylaw: Running) -> None:
    found = tools(bylaw, "ana", "review")

    assert {name: tool.action.name for name, tool in found.items()} == {
        **{name: f"code-review.{name}" for name in found if name != "finished"},
        "finished": "event.tests.finished",
    }
    assert {"start", "submit", "approve", "finished"} <= found.keys()


def test_prefix_stands_before_every_name(bylaw: Running) -> None:
    assert [*tools(bylaw, "ana", "records")] == ["shared_read", "shared_write"]


def test_tool_takes_the_params_and_what_a_call_has_beside_them(bylaw: Running) -> None:
    submit = tools(bylaw, "ana", "review")["submit"]

    schema = submit.schema()

    own = submit.action.params.fields.keys()
    beside = ["instance", "expected_version", "reason", "idempotency_key"]
    assert [*schema["properties"]] == [*own, *beside]
    assert schema["required"] == list(submit.action.params.required)
    assert schema["additionalProperties"] is False


async def test_facts_are_asked_for_where_a_rule_reads_some(bylaw: Running) -> None:
    (bylaw.root / "rules" / "quiet.yaml").write_text(QUIET)
    await bylaw.opened.reload.once()

    push, tag = tools(bylaw, "ana", "git").values()
    told = await call(bylaw, "ana", "git", "git_tag", tag="nightly", facts={"quiet": False})
    untold = await call(bylaw, "ana", "git", "git_tag", tag="nightly")

    assert "facts" in tag.schema()["properties"]
    assert "facts" not in push.schema()["properties"]
    assert (told["error"], untold["error"]) == ("runs-outside", "denied")


def test_hints_say_what_an_action_is(bylaw: Running) -> None:
    read, write = tools(bylaw, "ana", "records").values()

    assert read.annotations()["readOnlyHint"]
    assert read.annotations()["idempotentHint"]
    assert not write.annotations()["readOnlyHint"]


async def test_call_goes_through_the_gateway_and_names_its_endpoint(bylaw: Running) -> None:
    started = await call(bylaw, "ana", "review", "start", **CHANGE)

    async with bylaw.opened.wired.house.store.read() as tx:
        record = await tx.audit.get("main", started["decision"])
    assert started["ok"]
    assert started["instance"] == REVIEW
    assert record is not None
    assert record.body["endpoint"] == "review"
    assert record.body["action"] == "code-review.start"


async def test_whole_review_is_made_by_tools(bylaw: Running) -> None:
    await call(bylaw, "ana", "review", "start", **CHANGE)
    passed = await call(bylaw, "ci", "review", "finished", **CHANGE, status="passed")
    submitted = await call(bylaw, "ana", "review", "submit", **SUMMARY, instance=REVIEW)
    approved = await call(bylaw, "cleo", "review", "approve", instance=REVIEW, reason="Fine.")

    assert [one["ok"] for one in (passed, submitted, approved)] == [True] * 3


async def test_key_of_a_call_counts_as_ever(bylaw: Running) -> None:
    first = await call(bylaw, "ana", "review", "start", **CHANGE, idempotency_key="k")
    again = await call(bylaw, "ana", "review", "start", **CHANGE, idempotency_key="k")

    assert again == {**first, "repeated": True}


async def test_refusal_is_that_of_run_action(bylaw: Running) -> None:
    here = await call(bylaw, "ana", "review", "submit", **SUMMARY)
    there = await bylaw.run("ana", "code-review.submit", params=SUMMARY)

    assert here["error"] == there["error"] == "which-instance"
    assert here["summary"] == there["summary"]


async def test_next_calls_are_calls_of_tools_that_are_here(bylaw: Running) -> None:
    await call(bylaw, "ana", "review", "start", **CHANGE)

    refused = await call(bylaw, "ana", "review", "submit", instance=REVIEW, **SUMMARY)

    names = tools(bylaw, "ana", "review").keys()
    assert not refused["ok"]
    assert {one["tool"] for one in refused.get("next", []) if "tool" in one} <= names


async def test_what_is_done_outside_is_decided_as_by_run_action(bylaw: Running) -> None:
    allowed = await call(bylaw, "ana", "git", "git_tag", tag="nightly")
    denied = await call(bylaw, "ana", "git", "git_tag", tag="v1.2.0")

    assert (allowed["error"], denied["error"]) == ("runs-outside", "denied")
    assert denied["because"][0]["rule"] == "commits-and-tags/version-tags-name-releases"


async def test_policy_that_is_left_out_does_not_count(bylaw: Running) -> None:
    loose = await call(bylaw, "ana", "loose", "tag", tag="v1.2.0")

    assert loose["error"] == "runs-outside"


async def test_records_are_read_and_written_by_tools(bylaw: Running) -> None:
    value = {"title": "Repair it"}
    written = await call(bylaw, "ana", "records", "shared_write", key="tasks/1", value=value)
    read = await call(bylaw, "ana", "records", "shared_read", key="tasks/1")

    assert written["ok"]
    assert read["value"] == value


async def test_missing_param_is_named(bylaw: Running) -> None:
    refused = await call(bylaw, "ana", "review", "start", repo="acme/web")

    assert refused["error"] == "bad-params"
    assert [one["param"] for one in refused["missing"]] == ["branch", "commit"]
    assert "run_action" not in str(refused)


async def test_param_may_be_spelled_with_a_hyphen(bylaw: Running) -> None:
    answer = await call(bylaw, "ana", "records", "shared_write", key="tasks/1", Value={"a": 1})

    assert answer["ok"], answer


async def test_what_is_not_granted_is_as_what_is_not_there(bylaw: Running) -> None:
    stranger = Actor(id="nobody", kind="service")
    caller = replace(at(bylaw, "ana", "review"), actor=stranger)
    endpoints = bylaw.opened.wired.endpoints

    listed = endpoints.tools(caller)
    withheld = await endpoints.call("approve", {"instance": REVIEW}, caller)
    missing = await endpoints.call("appruve", {"instance": REVIEW}, caller)

    assert listed == ()
    assert str(timeless(missing)).replace("appruve", "approve") == str(timeless(withheld))
    assert withheld["error"] == "unknown"


async def test_near_names_are_those_that_are_granted(bylaw: Running) -> None:
    answer = await call(bylaw, "ana", "review", "sumbit")

    assert answer["summary"].startswith("There is no tool `sumbit`. Did you mean `submit`?")


async def test_mode_of_an_endpoint_is_the_one_in_force(bylaw: Running) -> None:
    gateway = bylaw.opened.wired.gateway
    start = {"action": "code-review.start", "params": CHANGE}

    here = await gateway.call("run_action", start, at(bylaw, "ana", "reading"))
    listed = await gateway.call("get_available_actions", {}, at(bylaw, "ana", "reading"))
    there = await bylaw.run("ana", "code-review.start", params=CHANGE)

    assert here["error"] == "unknown"
    assert "code-review.start" not in str(listed)
    assert there["ok"]


async def test_agent_has_no_more_than_its_person_on_any_endpoint(bylaw: Running) -> None:
    root = bylaw.root
    wide = "endpoints: {wide: {path: /wide/mcp, tools: [gateway], access: admin_rw}}\n"
    save_endpoints(root, wide)
    await bylaw.opened.reload.once()
    read = {"key": "admin/plan"}

    answer = await bylaw.opened.wired.gateway.call(
        "get_context_data", read, at(bylaw, "claude", "wide")
    )

    assert answer["error"] == "unknown"


async def test_call_that_is_under_way_stays_as_narrow_as_it_came(bylaw: Running) -> None:
    caller = at(bylaw, "ana", "reading")
    save_endpoints(bylaw.root, "")
    await bylaw.opened.reload.once()

    start = {"action": "code-review.start", "params": CHANGE}
    answer = await bylaw.opened.wired.gateway.call("run_action", start, caller)

    assert answer["error"] == "unknown"


async def test_house_without_endpoints_has_the_one_it_always_had(bylaw: Running) -> None:
    save_endpoints(bylaw.root, "")
    await bylaw.opened.reload.once()

    live = bylaw.opened.wired.endpoints.live()

    assert {name: (one.path, one.gateway) for name, one in live.items()} == {
        "main": ("/mcp", True)
    }
