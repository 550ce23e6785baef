"""Listings: in a stable order, page by page, the same whether remembered or decided anew."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bylaw.base.plain import Plain
from bylaw.services.answer import Answer
from tests.running import Running
from tests.services.outside import small

JOBS = "\n---\n".join(
    f"kind: action\nname: job.a{number:03}\ndescription: Job {number}.\n"
    "params: {size: {type: integer}, note: {type: string, default: none}}"
    for number in range(80)
)
RULES = """
---
kind: policy
name: sizes
description: Big ones are not for bob, and some moments are not for anybody.
applies: {actions: ["job.*"]}
rules:
  - {name: too-big, when: params.size > 10, effect: deny, message: Too big.}
  - {name: not-bob, actions: [job.a001], when: actor.id == "bob", effect: deny, message: No Bob.}
  - {name: plan, actions: [job.a002], when: session.mode == "plan", effect: deny, message: Plan.}
  - {name: late, actions: [job.a003], effect: deny, message: Too late.,
     unless: [{name: old-times, who: [dev], until: 2020-01-01}]}
---
kind: access
name: small
description: A few.
allow: [job.a00*]
---
kind: workflow
name: trip
description: A trip.
key: ${name}
inputs: {name: {type: string}}
start: {who: [dev]}
initial: packing
states:
  packing:
    actions:
      go: {description: Leave., params: {size: {type: integer}}, to: away}
      stay: {who: [id:bob], to: packing}
  away: {type: final}
"""
CLOSED = """\
kind: policy
name: closed
description: One job is closed.
applies: {actions: [job.a005]}
rules:
  - {name: closed, effect: deny, message: Closed.}
"""
MORE = """\
kind: access
name: more
description: Some.
allow: [job.a01*]
"""
EXTRA = """\
kind: action
name: job.extra
description: One more.
params: {}
"""


@pytest.fixture
async def bylaw(tmp_path: Path, store_url: str) -> AsyncIterator[Running]:
    """Give a house with many actions."""
    async with small(tmp_path / "house", JOBS + RULES, store_url=store_url) as found:
        yield found


async def listed(bylaw: Running, name: str = "ana", **arguments: Plain) -> Answer:
    answer = await bylaw.ask(name, "get_available_actions", **arguments)
    assert answer["ok"], answer
    return answer


def names(answer: Answer) -> list[str]:
    blocked = [one["action"] for one in answer.get("blocked", [])]
    return [*answer.get("yours", {}), *blocked]


async def test_pages_of_a_filter_together_have_everything_once_in_order(bylaw: Running) -> None:
    first = await listed(bylaw, filter="job.*", limit=30)
    second = await listed(bylaw, filter="job.*", limit=30, cursor=first["cursor"])
    third = await listed(bylaw, filter="job.*", limit=30, cursor=second["cursor"])

    every = [*names(first), *names(second), *names(third)]
    assert sorted(every) == [f"job.a{number:03}" for number in range(80)]
    assert [len(names(one)) for one in (first, second, third)] == [30, 30, 20]
    assert "cursor" not in third


async def test_pages_without_a_limit_are_short_and_together_have_everything_once(
    bylaw: Running,
) -> None:
    pages = [await listed(bylaw, filter="job.*")]
    while "cursor" in pages[-1]:
        pages.append(await listed(bylaw, filter="job.*", cursor=pages[-1]["cursor"]))

    every = [name for page in pages for name in names(page)]
    assert sorted(every) == [f"job.a{number:03}" for number in range(80)]
    assert len(pages) > 1
    assert all(len(json.dumps(page)) < 1_600 for page in pages)


async def test_same_step_of_several_instances_is_one_line(bylaw: Running) -> None:
    await bylaw.run("ana", "trip.start", params={"name": "x"})
    await bylaw.run("ana", "trip.start", params={"name": "y"})

    answer = await listed(bylaw, filter="trip.go")

    (line,) = answer["actions"]
    assert sorted(line["instances"]) == ["trip:x", "trip:y"]


async def test_same_question_has_the_same_answer(bylaw: Running) -> None:
    assert await listed(bylaw, limit=200) == await listed(bylaw, limit=200)


async def test_more_than_two_hundred_cannot_be_asked_for(bylaw: Running) -> None:
    answer = await bylaw.ask("ana", "get_available_actions", limit=201)

    assert answer["error"] == "bad-params"


async def test_what_a_rule_reads_of_params_that_are_not_sent_is_marked(bylaw: Running) -> None:
    answer = await listed(bylaw, filter="job.a000")

    assert answer["yours"] == {"job.a000": "size: integer!, note?"}


async def test_listing_of_one_caller_is_not_that_of_another(bylaw: Running) -> None:
    hers = await listed(bylaw, "ana", filter="job.a001")
    his = await listed(bylaw, "bob", filter="job.a001")

    assert "blocked" not in hers
    assert [(one["action"], one["why"]) for one in his["blocked"]] == [("job.a001", "No Bob.")]


async def test_rule_that_reads_the_session_is_asked_anew(bylaw: Running) -> None:
    session = {"session": {"id": "s", "mode": "plan"}}

    before = await listed(bylaw, filter="job.a002")
    planning = await listed(bylaw, filter="job.a002", facts=session)
    after = await listed(bylaw, filter="job.a002")

    assert before == after
    assert planning["blocked"][0]["why"] == "Plan."


async def test_excuse_that_has_ended_excuses_nobody(bylaw: Running) -> None:
    answer = await listed(bylaw, filter="job.a003")

    assert answer["blocked"][0]["why"] == "Too late."


async def test_access_mode_narrows_a_listing(bylaw: Running) -> None:
    answer = await listed(bylaw, access="small", limit=200)

    assert len(names(answer)) == 10


async def test_saved_rule_is_in_the_next_listing(bylaw: Running) -> None:
    before = await listed(bylaw, filter="job.a001")
    text = (JOBS + RULES).replace('actor.id == "bob"', "true")
    (bylaw.root / "rules" / "all.yaml").write_text(text)
    await bylaw.opened.reload.once()

    after = await listed(bylaw, filter="job.a001")

    assert "blocked" not in before
    assert after["blocked"][0]["why"] == "No Bob."


async def saved(bylaw: Running, file: str, text: str) -> None:
    """Save a file beside the others, and have it live."""
    (bylaw.root / "rules" / file).write_text(text)
    await bylaw.opened.reload.once()


async def test_saved_rule_is_in_the_listing_of_its_action_alone(bylaw: Running) -> None:
    before = await listed(bylaw, limit=200)
    await saved(bylaw, "more.yaml", CLOSED)

    after = await listed(bylaw, limit=200)

    assert [one["action"] for one in after["blocked"]] == ["job.a003", "job.a005"]
    assert set(before["yours"]) - set(after["yours"]) == {"job.a005"}


async def test_saved_access_mode_is_in_the_next_listing(bylaw: Running) -> None:
    await saved(bylaw, "more.yaml", MORE)
    before = await listed(bylaw, access="more", limit=200)
    await saved(bylaw, "more.yaml", MORE.replace("job.a01*", "job.a00*"))

    after = await listed(bylaw, access="more", limit=200)

    assert "job.a010" in before["yours"]
    assert "job.a010" not in after["yours"]


async def test_action_that_wants_more_is_listed_so_after_the_save(bylaw: Running) -> None:
    await saved(bylaw, "more.yaml", EXTRA)
    before = await listed(bylaw, filter="job.extra")
    await saved(bylaw, "more.yaml", EXTRA.replace("{}", "{size: {type: integer}}"))

    after = await listed(bylaw, filter="job.extra")

    assert before["yours"] == {"job.extra": ""}
    assert after["yours"] == {"job.extra": "size: integer!"}


async def test_steps_of_open_instances_come_with_their_instance(bylaw: Running) -> None:
    await bylaw.run("ana", "trip.start", params={"name": "x"})

    answer = await listed(bylaw, filter="trip")

    assert [(one["action"], one.get("instance", "")) for one in answer["actions"]] == [
        ("trip.go", "trip:x"),
        ("trip.start", ""),
    ]
    assert [one["action"] for one in answer["blocked"]] == ["trip.stay"]


async def test_instance_whose_definition_is_lost_is_named_and_breaks_nothing(
    bylaw: Running,
) -> None:
    await bylaw.run("ana", "trip.start", params={"name": "x"})
    await bylaw.run("ana", "trip.start", params={"name": "y"})
    house = bylaw.opened.wired.house
    async with house.store.write() as tx:
        found = await tx.instances.get("main", "trip:x")
        assert found is not None
        lost = replace(found, definition="0" * 64, states=("lost",), version=2)
        assert await tx.instances.update(lost, expected_version=1)

    answer = await listed(bylaw, filter="trip.go")
    run = await bylaw.run("ana", "trip.go", instance="trip:x", params={"size": 1})
    states = await bylaw.ask("ana", "get_workflow_state")

    assert [one["instance"] for one in answer["actions"]] == ["trip:y"]
    assert "not in the store" in answer["instances"][-1]["why"]
    assert run["error"] == "unavailable"
    assert run["summary"] == (
        "Not done: the definition of `trip:x` is not in the store, and the live one does not fit."
    )
    assert [one["instance"] for one in states["instances"]] == ["trip:y"]
