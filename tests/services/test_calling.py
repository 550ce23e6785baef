"""Direct calls of a real server: retries, keys, crashes in between, on both databases."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bylaw.base.errors import StoreUnavailable
from bylaw.model.effect import EffectStatus, StoredEffect
from bylaw.services.answer import Answer
from tests.running import Running
from tests.services.outside import Outside, listening, small, until

CALLS = """\
kind: action
name: job.once
description: A call that nobody repeats.
params: {job: {type: string, default: a}}
result: {run: {type: string}}
http: {url: "${outside}/once", body: {job: "${params.job}"}, timeout: 5s}
---
kind: action
name: job.thrice
description: A call that is tried again.
http: {url: "${outside}/thrice", timeout: 5s, retry: 2}
---
kind: action
name: job.harmless
description: Twice is as good as once.
idempotent: true
http: {url: "${outside}/harmless", timeout: 5s, retry: 2}
---
kind: action
name: job.hasty
description: It has no time for a second attempt.
http: {url: "${outside}/hasty", timeout: 1ms, retry: 1}
---
kind: action
name: job.secret
description: It sends a secret and gets it back.
http: {url: "${outside}/secret", headers: {X-Key: "${secrets.KEY}"}}
---
kind: action
name: job.placed
description: Its params stand in the path.
params: {job: {type: string}}
http: {url: "${outside}/jobs/${params.job}"}
---
kind: policy
name: jobs
description: One job is not for anybody.
applies: {actions: ["job.*"]}
rules:
  - {name: not-b, actions: [job.once], when: params.job == "b", effect: deny, message: Not b.}
"""


@pytest.fixture
def outside() -> Iterator[Outside]:
    """Give a server to call."""
    with listening() as found:
        yield found


@pytest.fixture
async def bylaw(tmp_path: Path, store_url: str, outside: Outside) -> AsyncIterator[Running]:
    """Give a house that calls it."""
    async with small(tmp_path / "house", CALLS, store_url=store_url, port=outside.port) as found:
        yield found


async def effects(bylaw: Running, status: EffectStatus) -> tuple[StoredEffect, ...]:
    async with bylaw.opened.wired.house.store.read() as tx:
        return await tx.effects.with_status("main", status)


async def test_answer_has_the_result_of_the_call(bylaw: Running, outside: Outside) -> None:
    answer = await bylaw.run("ana", "job.once", params={"job": "x"})

    assert (answer["ok"], answer["result"]) == (True, {"run": "r1"})
    assert outside.heard[0].body == {"job": "x"}
    assert [one.status for one in await effects(bylaw, EffectStatus.DONE)] == ["done"]


async def test_denied_call_is_not_made(bylaw: Running, outside: Outside) -> None:
    answer = await bylaw.run("ana", "job.once", params={"job": "b"})

    assert (answer["error"], outside.heard) == ("denied", [])


async def test_result_that_is_not_as_declared_is_a_warning(
    bylaw: Running, outside: Outside
) -> None:
    outside.answer = {"run": 7}

    answer = await bylaw.run("ana", "job.once")

    assert (answer["ok"], answer["result"]) == (True, {"run": 7})
    assert answer["warnings"][0].startswith("The result of `job.once` is not as declared: ")


async def test_secret_in_an_answer_is_masked(bylaw: Running, outside: Outside) -> None:
    outside.answer = {"echo": "hunter2-hunter2"}

    answer = await bylaw.run("ana", "job.secret")

    assert "hunter2" not in str(answer)
    assert answer["result"]["echo"].startswith("[REDACTED:")


async def test_params_stand_in_a_path_without_changing_it(
    bylaw: Running, outside: Outside
) -> None:
    quoted = await bylaw.run("ana", "job.placed", params={"job": "a?b c"})
    climbing = await bylaw.run("ana", "job.placed", params={"job": "../admin"})

    assert (quoted["ok"], outside.paths) == (True, ["/jobs/a%3Fb%20c"])
    assert climbing["summary"] == ("Not done: `job` has `..` in it, which a URL cannot hold.")


async def test_call_is_tried_again_as_often_as_its_action_says(
    bylaw: Running, outside: Outside
) -> None:
    outside.script = [503, 503]

    answer = await bylaw.run("ana", "job.thrice")

    assert answer["ok"]
    assert len({one.key for one in outside.heard}) == 1
    assert outside.paths == ["/thrice"] * 3


async def test_last_failure_is_answered_with_its_message_and_the_call_to_repeat(
    bylaw: Running, outside: Outside
) -> None:
    outside.script = [503, 503, 503]

    answer = await bylaw.run("ana", "job.thrice")

    assert answer["error"] == "unavailable"
    assert answer["summary"] == "Not done: `127.0.0.1` answered 503: it is out of order."
    assert answer["next"][0]["arguments"] == {"action": "job.thrice"}
    assert len(outside.heard) == 3


async def test_refusal_of_the_other_side_is_not_tried_again(
    bylaw: Running, outside: Outside
) -> None:
    outside.script = [422]

    answer = await bylaw.run("ana", "job.thrice")

    assert (answer["error"], len(outside.heard)) == ("unavailable", 1)
    assert answer["next"][0]["tool"] == "get_policy"


async def test_call_without_an_answer_is_not_repeated(bylaw: Running, outside: Outside) -> None:
    outside.script = [0]

    answer = await bylaw.run("ana", "job.thrice")

    assert (answer["error"], len(outside.heard)) == ("outcome-unknown", 1)


async def test_harmless_call_without_an_answer_is_repeated(
    bylaw: Running, outside: Outside
) -> None:
    outside.script = [0]

    answer = await bylaw.run("ana", "job.harmless")

    assert (answer["ok"], len(outside.heard)) == (True, 2)


async def test_no_attempt_begins_beyond_the_time_of_all(bylaw: Running, outside: Outside) -> None:
    outside.open.clear()

    answer = await bylaw.run("ana", "job.hasty")

    assert answer["error"] in ("outcome-unknown", "unavailable")
    assert len(outside.heard) <= 1


async def test_same_key_gives_the_first_answer(bylaw: Running, outside: Outside) -> None:
    first = await bylaw.run("ana", "job.once", idempotency_key="k")
    second = await bylaw.run("ana", "job.once", idempotency_key="k")

    assert second == {**first, "repeated": True}
    assert len(outside.heard) == 1


async def test_key_of_a_failed_call_may_be_used_again(bylaw: Running, outside: Outside) -> None:
    outside.script = [503]

    failed = await bylaw.run("ana", "job.once", idempotency_key="k")
    again = await bylaw.run("ana", "job.once", idempotency_key="k")

    assert (failed["error"], again["ok"]) == ("unavailable", True)
    assert len({one.key for one in outside.heard}) == 1


async def cut_off(bylaw: Running, outside: Outside, action: str) -> None:
    """Begin a call under a key, and have the caller go away while it is made."""
    outside.open.clear()
    task = asyncio.ensure_future(bylaw.run("ana", action, idempotency_key="k"))

    async def heard() -> int:
        return len(outside.heard)

    await until(heard, lambda count: count == 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    outside.open.set()


async def test_call_that_was_cut_off_is_outcome_unknown_under_its_key(
    bylaw: Running, outside: Outside
) -> None:
    await cut_off(bylaw, outside, "job.once")

    again = await bylaw.run("ana", "job.once", idempotency_key="k")

    assert (again["error"], len(outside.heard)) == ("outcome-unknown", 1)
    assert "Find out whether it happened" in again["summary"]


async def test_harmless_call_that_was_cut_off_is_made_again_under_its_key(
    bylaw: Running, outside: Outside
) -> None:
    await cut_off(bylaw, outside, "job.harmless")

    again = await bylaw.run("ana", "job.harmless", idempotency_key="k")

    assert (again["ok"], len(outside.heard)) == (True, 2)
    assert outside.heard[0].key == outside.heard[1].key


async def test_status_reports_calls_that_should_have_ended(
    bylaw: Running, outside: Outside
) -> None:
    await cut_off(bylaw, outside, "job.once")
    early = bylaw.opened.wired.status.status()

    await looked_later(bylaw, timedelta(minutes=1))

    late = bylaw.opened.wired.status.status()
    assert "unanswered" not in early
    assert [(one["action"], one["actor"]) for one in late["unanswered"]] == [("job.once", "ana")]


async def test_call_without_an_end_is_given_up_when_its_key_is_forgotten(
    bylaw: Running, outside: Outside
) -> None:
    await cut_off(bylaw, outside, "job.once")

    await looked_later(bylaw, timedelta(days=8))

    (failed,) = await effects(bylaw, EffectStatus.FAILED)
    assert failed.message == "no answer ever came"
    assert "unanswered" not in bylaw.opened.wired.status.status()


async def looked_later(bylaw: Running, after: timedelta) -> None:
    """Look for calls without an end as if so much time had gone by."""
    unanswered = bylaw.opened.wired.unanswered
    house = unanswered._house
    unanswered._house = replace(house, clock=lambda: house.clock() + after)
    await unanswered.look()


async def test_answer_that_the_store_does_not_keep_is_given_and_called_unknown(
    bylaw: Running, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside.open.clear()
    task = asyncio.ensure_future(bylaw.run("ana", "job.once"))

    async def heard() -> int:
        return len(outside.heard)

    await until(heard, lambda count: count == 1)
    store = bylaw.opened.wired.house.store

    def gone() -> None:
        raise StoreUnavailable("the store does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(store._backend, "write", gone)
        outside.open.set()
        answer: Answer = await task

    assert (answer["error"], answer["result"]) == ("outcome-unknown", {"run": "r1"})
    assert "Do not call it again" in answer["summary"]


@pytest.mark.parametrize("action", ["job.once", "job.harmless"])
async def test_two_calls_under_one_key_at_the_same_moment_are_made_once_and_answered_alike(
    bylaw: Running, outside: Outside, action: str
) -> None:
    one, two = await asyncio.gather(
        *(bylaw.run("ana", action, idempotency_key="k") for _ in range(2))
    )

    assert len(outside.heard) == 1
    assert {**one, "repeated": True} == {**two, "repeated": True}


@pytest.mark.parametrize("action", ["job.once", "job.harmless"])
async def test_call_that_another_process_is_making_under_the_same_key_is_waited_for(
    bylaw: Running, outside: Outside, tmp_path: Path, store_url: str, action: str
) -> None:
    folder = tmp_path / "other"
    async with small(folder, CALLS, store_url=store_url, port=outside.port) as other:
        outside.open.clear()
        first = asyncio.ensure_future(bylaw.run("ana", action, idempotency_key="k"))

        async def heard() -> int:
            return len(outside.heard)

        await until(heard, lambda count: count == 1)
        second = asyncio.ensure_future(other.run("ana", action, idempotency_key="k"))
        await asyncio.wait([second], timeout=0.2)
        outside.open.set()
        one, two = await asyncio.gather(first, second)

    assert len(outside.heard) == 1
    assert two == {**one, "repeated": True}
