"""Many callers at once: one wins, the others see the new state, and nothing happens twice."""

import asyncio
from collections import Counter

from bylaw.services.answer import Answer
from tests.replay import Replayed, replay
from tests.running import CHANGE, REVIEW, Running

MANY = 16


async def replayed(bylaw: Running) -> tuple[list[int], Replayed, Replayed]:
    """Return the versions of the history, what it replays to, and what is stored."""
    async with bylaw.opened.wired.house.store.read() as tx:
        history = await tx.history.of_instance("main", REVIEW)
        instance = await tx.instances.get("main", REVIEW)
    assert instance is not None
    stored = Replayed(version=instance.version, states=instance.states, data=dict(instance.data))
    return [entry.version for entry in history], replay(history), stored


async def test_history_of_a_storm_has_no_gaps_and_replays_to_the_state(bylaw: Running) -> None:
    await bylaw.in_review()

    await asyncio.gather(
        *(bylaw.run(who, "code-review.approve") for who in ("bob", "cleo") * MANY),
        *(
            bylaw.run("bob", "code-review.request-changes", params={"comment": f"Not yet: {n}."})
            for n in range(4)
        ),
        *(bylaw.run("ana", "code-review.submit", params={"summary": "Again."}) for _ in range(4)),
    )

    versions, told, stored = await replayed(bylaw)
    assert versions == list(range(1, len(versions) + 1))
    assert told == stored


async def test_start_with_one_key_at_the_same_time_is_one_start(bylaw: Running) -> None:
    answers = await asyncio.gather(
        *(bylaw.run("ana", "code-review.start", params=CHANGE) for _ in range(MANY))
    )

    outcomes = Counter(answer.get("error") for answer in answers)
    assert outcomes == {None: 1, "not-in-state": MANY - 1}


async def test_same_idempotency_key_at_the_same_time_has_one_effect_and_one_answer(
    bylaw: Running,
) -> None:
    await bylaw.in_review()

    answers = await asyncio.gather(
        *(bylaw.run("bob", "code-review.approve", idempotency_key="k") for _ in range(MANY))
    )

    assert [first(answer) for answer in answers] == [first(answers[0])] * MANY
    assert sum("repeated" not in answer for answer in answers) == 1


async def test_same_event_at_the_same_time_moves_the_instance_once(bylaw: Running) -> None:
    await bylaw.tested()
    push = {**CHANGE, "commit": "c2"}

    answers = await asyncio.gather(
        *(
            bylaw.ask("ci", "trigger_event", event="git.pushed", params=push, id="e1")
            for _ in range(MANY)
        )
    )

    assert {answer["instances"][0]["version"] for answer in answers} == {3}
    assert sum("repeated" not in answer["instances"][0] for answer in answers) == 1


async def test_merges_into_one_record_at_the_same_time_all_count(bylaw: Running) -> None:
    answers = await asyncio.gather(
        *(
            bylaw.ask("ana", "update_context", key="tasks/1", value={f"field_{n}": n})
            for n in range(4)
        )
    )

    record = await bylaw.ask("ana", "get_context_data", key="tasks/1")
    assert all(answer["ok"] for answer in answers)
    assert (record["version"], len(record["value"])) == (4, 4)


async def test_same_key_on_a_record_at_the_same_time_is_written_once(bylaw: Running) -> None:
    answers = await asyncio.gather(
        *(
            bylaw.ask(
                "ana", "update_context", key="tasks/1", value=1, mode="append", idempotency_key="k"
            )
            for _ in range(MANY)
        )
    )

    record = await bylaw.ask("ana", "get_context_data", key="tasks/1")
    assert all(answer["ok"] for answer in answers)
    assert record["value"] == [1]


def first(answer: Answer) -> Answer:
    """Return the answer without the word that it is a repeated one."""
    return {name: value for name, value in answer.items() if name != "repeated"}
