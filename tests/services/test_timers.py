"""Timers of states: they fire once, go on, and end with their state; on both databases."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bylaw.model.timer import StoredTimer, TimerStatus
from bylaw.services.writing import timer_payload
from tests.running import Running, running
from tests.services.outside import Outside, listening, small, state_of, until, write_house

WATCHES = """\
kind: action
name: ci.build
description: Build it.
http: {url: "${outside}/build", timeout: 5s}
---
kind: action
name: mail.send
description: Tell somebody.
http: {url: "${outside}/mail", timeout: 5s}
---
kind: workflow
name: watch
description: It waits.
key: ${name}
inputs: {name: {type: string}}
data:
  rounds: {type: integer, default: 0}
  problem: {type: string, default: ""}
start: {who: [dev]}
initial: waiting
states:
  waiting:
    after:
      1h: {to: over}
    actions:
      leave: {to: idle}
      quick: {to: quick}
      guard: {to: guarded}
      circle: {to: circling}
      build: {to: building}
  idle:
    actions:
      wait: {to: waiting}
  quick:
    after:
      100ms: {do: [{action: mail.send}], to: over}
  guarded:
    after:
      1h: {when: rounds > 5, to: over}
  circling:
    every:
      10m: {set: {rounds: "${rounds + 1}"}}
    actions:
      leave: {to: idle}
  building:
    run: {action: ci.build, timeout: 200ms}
    done: {to: over}
    failed: {set: {problem: "${error.message}"}, to: broken}
  broken: {type: final}
  over: {type: final}
"""
X = "watch:x"


@pytest.fixture
def outside() -> Iterator[Outside]:
    """Give a server to call."""
    with listening() as found:
        yield found


@pytest.fixture
async def bylaw(tmp_path: Path, store_url: str, outside: Outside) -> AsyncIterator[Running]:
    """Give a house with an instance that waits."""
    async with small(tmp_path / "house", WATCHES, store_url=store_url, port=outside.port) as found:
        assert (await found.run("ana", "watch.start", params={"name": "x"}))["ok"]
        yield found


async def timers(bylaw: Running) -> tuple[StoredTimer, ...]:
    async with bylaw.opened.wired.house.store.read() as tx:
        return await tx.timers.of_instance("main", X)


async def the_one(bylaw: Running, status: TimerStatus = TimerStatus.WAITING) -> StoredTimer:
    (found,) = [timer for timer in await timers(bylaw) if timer.status is status]
    return found


async def fire(bylaw: Running, timer: StoredTimer) -> None:
    """Do what the worker does when a timer is due."""
    await bylaw.opened.wired.delivery.timer(timer_payload(timer))


async def stands(bylaw: Running) -> tuple[object, object]:
    answer = await bylaw.ask("ana", "get_workflow_state", instance=X)
    return answer["state"], answer["version"]


async def test_timer_is_told_of_and_fires_once(bylaw: Running) -> None:
    timer = await the_one(bylaw)
    told = await bylaw.ask("ana", "get_workflow_state", instance=X)

    await fire(bylaw, timer)
    await fire(bylaw, timer)

    assert [one["timer"] for one in told["waiting"]] == [timer.name]
    assert await stands(bylaw) == ("over", 2)
    assert (await the_one(bylaw, TimerStatus.FIRED)).name == timer.name


async def test_worker_fires_a_timer_when_it_is_due(bylaw: Running, outside: Outside) -> None:
    await bylaw.run("ana", "watch.quick")

    over = await state_of(bylaw, X, "over")

    async def heard() -> list[str]:
        return outside.paths

    assert over["history"][0]["actor"] == "bylaw"
    assert await until(heard, bool) == ["/mail"]


async def test_timer_of_a_state_that_was_left_is_cancelled(bylaw: Running) -> None:
    timer = await the_one(bylaw)
    await bylaw.run("ana", "watch.leave")

    await fire(bylaw, timer)

    assert (await the_one(bylaw, TimerStatus.CANCELLED)).name == timer.name
    assert await stands(bylaw) == ("idle", 2)


async def test_timer_of_an_earlier_visit_does_not_end_the_later_one(bylaw: Running) -> None:
    first = await the_one(bylaw)
    await bylaw.run("ana", "watch.leave")
    await bylaw.run("ana", "watch.wait")

    await fire(bylaw, first)
    between = await stands(bylaw)
    await fire(bylaw, await the_one(bylaw))

    assert between == ("waiting", 3)
    assert await stands(bylaw) == ("over", 4)


async def test_timer_whose_guard_does_not_hold_does_nothing(bylaw: Running) -> None:
    await bylaw.run("ana", "watch.guard")

    await fire(bylaw, await the_one(bylaw))

    assert await stands(bylaw) == ("guarded", 2)


async def test_timer_that_repeats_goes_on_until_its_state_is_left(bylaw: Running) -> None:
    await bylaw.run("ana", "watch.circle")
    first = await the_one(bylaw)
    await fire(bylaw, first)
    second = await the_one(bylaw)
    await fire(bylaw, first)
    await fire(bylaw, second)
    third = await the_one(bylaw)
    await bylaw.run("ana", "watch.leave")
    await fire(bylaw, third)

    answer = await bylaw.ask("ana", "get_workflow_state", instance=X)
    assert (answer["state"], answer["data"]["rounds"]) == ("idle", 2)
    assert second.due_at - first.due_at == timedelta(minutes=10)
    assert third.due_at - second.due_at == timedelta(minutes=10)


async def test_run_that_takes_too_long_has_failed(bylaw: Running, outside: Outside) -> None:
    outside.open.clear()
    await bylaw.run("ana", "watch.build")

    broken = await state_of(bylaw, X, "broken")
    outside.open.set()

    assert broken["data"]["problem"]


async def test_timers_of_a_process_that_ended_fire_in_the_next(
    tmp_path: Path, store_url: str, outside: Outside
) -> None:
    house = write_house(tmp_path / "house", WATCHES, port=outside.port)
    async with running(house, store_url) as first:
        await first.run("ana", "watch.start", params={"name": "x"})
        await first.run("ana", "watch.quick")

    async with running(house, store_url) as second:
        over = await state_of(second, X, "over")

    assert over["version"] == 3


async def test_timer_of_an_instance_that_is_not_there_does_nothing(bylaw: Running) -> None:
    timer = await the_one(bylaw)

    await fire(bylaw, replace(timer, instance="watch:nobody"))

    assert await stands(bylaw) == ("waiting", 1)
