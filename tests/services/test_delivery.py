"""What steps started: delivered after the commit, tried again, awaited; on both databases."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bylaw.model.effect import EffectStatus, StoredEffect
from bylaw.model.job import RetryPolicy
from bylaw.services import delivery
from bylaw.services.answer import Answer
from tests.running import Running, running
from tests.services.outside import Outside, listening, small, state_of, until, write_house
from tests.store.raw import execute

BUILDS = """\
kind: action
name: mail.send
description: Tell somebody.
params: {text: {type: string}}
http: {url: "${outside}/mail", body: {text: "${params.text}"}, timeout: 5s}
---
kind: action
name: ci.build
description: Build it.
params: {part: {type: string, default: all}}
http: {url: "${outside}/build/${params.part}", timeout: 5s, retry: 1}
---
kind: policy
name: polite
description: No shouting.
applies: {actions: [mail.send]}
rules:
  - {name: quiet, when: params.text == "LOUD", effect: deny, message: Do not shout.}
---
kind: workflow
name: build
description: A build that is told of.
key: ${name}
inputs:
  name: {type: string}
  words: {type: string, default: begun}
data:
  run: {type: string, default: ""}
  problem: {type: string, default: ""}
start: {who: [dev]}
initial: idle
states:
  idle:
    actions:
      tell: {do: [{action: mail.send, with: {text: "${words}"}}]}
      go: {to: building}
      go-both: {to: both}
  building:
    run: {action: ci.build}
    done: {set: {run: "${result.run}"}, to: built}
    failed: {set: {problem: "${error.message}"}, to: broken}
    actions:
      leave: {to: idle}
  both:
    run:
      - {name: one, action: ci.build, with: {part: one}}
      - {name: two, action: ci.build, with: {part: two}}
    done: {to: built}
    failed: {set: {problem: "${error.name}: ${error.message}"}, to: broken}
  built: {type: final}
  broken: {type: final}
"""
X = "build:x"


@pytest.fixture
def outside() -> Iterator[Outside]:
    """Give a server to call."""
    with listening() as found:
        yield found


@pytest.fixture
async def bylaw(tmp_path: Path, store_url: str, outside: Outside) -> AsyncIterator[Running]:
    """Give a house with builds."""
    async with small(tmp_path / "house", BUILDS, store_url=store_url, port=outside.port) as found:
        await begun(found)
        yield found


async def begun(bylaw: Running, **more: str) -> Answer:
    answer = await bylaw.run("ana", "build.start", params={"name": "x", **more})
    assert answer["ok"], answer
    return answer


async def effects(bylaw: Running, instance: str = X) -> tuple[StoredEffect, ...]:
    async with bylaw.opened.wired.house.store.read() as tx:
        return await tx.effects.of_instance("main", instance)


async def ended(bylaw: Running, status: EffectStatus, instance: str = X) -> StoredEffect:
    """Wait until the newest effect of an instance has a status."""

    async def look() -> tuple[StoredEffect, ...]:
        return await effects(bylaw, instance)

    return (await until(look, lambda found: bool(found) and found[0].status is status))[0]


async def heard(outside: Outside, count: int) -> None:
    async def look() -> int:
        return len(outside.heard)

    await until(look, lambda seen: seen >= count)


async def test_call_of_a_step_is_delivered_once_with_its_key(
    bylaw: Running, outside: Outside
) -> None:
    answer = await bylaw.run("ana", "build.tell")

    done = await ended(bylaw, EffectStatus.DONE)

    assert answer["effects"] == ["mail.send"]
    assert [(one.path, one.body, one.key) for one in outside.heard] == [
        ("/mail", {"text": "begun"}, done.key)
    ]


async def test_call_that_rules_deny_keeps_the_whole_step_from_being_taken(
    bylaw: Running, outside: Outside
) -> None:
    await bylaw.run("ana", "build.start", params={"name": "y", "words": "LOUD"})

    told = await bylaw.ask("ana", "enforce", action="build.tell", instance="build:y")
    answer = await bylaw.run("ana", "build.tell", instance="build:y")

    assert (told["verdict"], told["allowed"]) == ("deny", False)
    assert (answer["error"], answer["because"][0]["rule"]) == ("denied", "polite/quiet")
    assert (await effects(bylaw, "build:y"), outside.heard) == ((), [])


async def test_attempts_that_crashes_cut_off_are_none_that_failed(
    bylaw: Running, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "BACKOFF", RetryPolicy(first_s=0.5, most_s=0.5))
    outside.script = [503, 503]
    await bylaw.run("ana", "build.tell")
    await heard(outside, 1)

    # Each crash leaves an attempt that has neither failed nor come to an end.
    await execute(bylaw.opened.wired.house.store, "UPDATE effect SET attempts = 9")

    await ended(bylaw, EffectStatus.DONE)
    assert len(outside.heard) == 3


async def test_call_of_a_step_that_is_rolled_back_is_not_made(
    bylaw: Running, outside: Outside
) -> None:
    stale = await bylaw.run("ana", "build.tell", expected_version=7)
    await bylaw.run("ana", "build.go")
    await heard(outside, 1)

    assert stale["error"] == "stale"
    assert outside.paths == ["/build/all"]


async def test_failed_delivery_is_tried_again_with_the_same_key(
    bylaw: Running, outside: Outside
) -> None:
    outside.script = [503]

    await bylaw.run("ana", "build.tell")
    done = await ended(bylaw, EffectStatus.DONE)

    assert done.attempts == 2
    assert len({one.key for one in outside.heard}) == 1


async def test_delivery_that_is_refused_for_good_is_kept_with_its_message(
    bylaw: Running, outside: Outside
) -> None:
    outside.script = [410]

    await bylaw.run("ana", "build.tell")
    failed = await ended(bylaw, EffectStatus.FAILED)
    told = await bylaw.ask("ana", "get_workflow_state", instance=X)

    why = "`127.0.0.1` answered 410: it is out of order"
    assert (failed.attempts, failed.message) == (1, why)
    assert told["failed"] == [{"effect": "mail.send", "attempts": 1, "why": why}]


async def test_end_of_a_run_moves_the_instance_on_with_its_result(
    bylaw: Running, outside: Outside
) -> None:
    await bylaw.run("ana", "build.go")

    built = await state_of(bylaw, X, "built")

    assert built["data"]["run"] == "r1"
    assert built["history"][0]["actor"] == "bylaw"


async def test_run_is_tried_as_often_as_its_action_says_and_then_failed(
    bylaw: Running, outside: Outside
) -> None:
    outside.script = [503, 503]

    await bylaw.run("ana", "build.go")
    broken = await state_of(bylaw, X, "broken")

    assert broken["data"]["problem"] == "`127.0.0.1` answered 503: it is out of order"
    assert len(outside.heard) == 2


async def test_state_with_several_runs_waits_for_the_last(
    bylaw: Running, outside: Outside
) -> None:
    await bylaw.run("ana", "build.go-both")

    await state_of(bylaw, X, "built")

    assert sorted(outside.paths) == ["/build/one", "/build/two"]


async def test_failure_of_one_of_several_runs_is_named(bylaw: Running, outside: Outside) -> None:
    outside.script = [410, 410]

    await bylaw.run("ana", "build.go-both")
    broken = await state_of(bylaw, X, "broken")

    assert broken["data"]["problem"].endswith("answered 410: it is out of order")
    assert broken["data"]["problem"].split(":")[0] in ("one", "two")


async def test_late_end_of_a_state_that_was_left_is_kept_and_does_nothing(
    bylaw: Running, outside: Outside
) -> None:
    outside.open.clear()
    await bylaw.run("ana", "build.go")
    await heard(outside, 1)
    await bylaw.run("ana", "build.leave")
    cancelled = (await effects(bylaw))[0].status

    outside.open.set()
    late = await ended(bylaw, EffectStatus.LATE)

    state = await bylaw.ask("ana", "get_workflow_state", instance=X)
    assert cancelled is EffectStatus.CANCELLED
    assert late.result == {"run": "r1"}
    assert (state["state"], state["data"]["run"]) == ("idle", "")


async def test_late_end_of_an_earlier_visit_does_not_end_the_later_one(
    bylaw: Running, outside: Outside
) -> None:
    outside.open.clear()
    outside.script = [410, 200]
    await bylaw.run("ana", "build.go")
    await heard(outside, 1)
    await bylaw.run("ana", "build.leave")
    await bylaw.run("ana", "build.go")
    await heard(outside, 2)

    outside.open.set()
    built = await state_of(bylaw, X, "built")

    statuses = {one.status for one in await effects(bylaw)}
    assert built["data"]["problem"] == ""
    assert statuses == {EffectStatus.DONE, EffectStatus.LATE}


async def test_effect_of_an_action_that_a_reload_removed_fails_and_says_so(
    bylaw: Running, outside: Outside
) -> None:
    outside.script = [503]
    await bylaw.run("ana", "build.tell")
    await heard(outside, 1)
    rest = BUILDS.replace("name: mail.send", "name: post.send").replace(
        "action: mail.send", "action: post.send"
    )
    write_house(bylaw.root, rest.replace("[mail.send]", "[post.send]"), port=outside.port)
    await bylaw.opened.reload.once()

    failed = await ended(bylaw, EffectStatus.FAILED)

    assert failed.message == "`mail.send` is not there any more"


async def test_job_that_runs_twice_delivers_once(bylaw: Running, outside: Outside) -> None:
    await bylaw.run("ana", "build.tell")
    done = await ended(bylaw, EffectStatus.DONE)

    await bylaw.opened.wired.delivery.effect({"scope": "main", "effect": done.id})

    assert len(outside.heard) == 1


async def test_end_of_an_effect_is_in_the_audit(bylaw: Running, outside: Outside) -> None:
    await bylaw.run("ana", "build.tell")
    done = await ended(bylaw, EffectStatus.DONE)

    async with bylaw.opened.wired.house.store.read() as tx:
        found = await tx.audit.get("main", done.id)

    assert found is not None
    assert (found.kind, found.body["status"]) == ("effect", "done")


@pytest.mark.postgres
async def test_two_processes_on_one_database_deliver_once(
    tmp_path: Path, postgres_url: str, outside: Outside
) -> None:
    house = write_house(tmp_path / "house", BUILDS, port=outside.port)
    async with running(house, postgres_url) as one, running(house, postgres_url) as two:
        names = [f"n{number}" for number in range(10)]
        await asyncio.gather(
            *(one.run("ana", "build.start", params={"name": name}) for name in names)
        )

        await asyncio.gather(
            *(two.run("ana", "build.go", instance=f"build:{name}") for name in names)
        )
        for name in names:
            await state_of(one, f"build:{name}", "built")

    assert len(outside.heard) == len(names)


async def test_what_a_process_left_is_delivered_by_the_next(
    tmp_path: Path, store_url: str, outside: Outside
) -> None:
    house = write_house(tmp_path / "house", BUILDS, port=outside.port)
    outside.script = [503]
    async with running(house, store_url) as first:
        await begun(first)
        await first.run("ana", "build.tell")
        await heard(outside, 1)

    async with running(house, store_url) as second:
        done = await ended(second, EffectStatus.DONE)

    assert (done.attempts, len(outside.heard)) == (2, 2)
