"""Shared records: granted by key, versioned, merged."""

from pathlib import Path

from tests.running import Running, copy_of_shipped, running

NOTES_ONLY = """\
kind: access
name: notes
description: Notes and nothing else.
who: [ci]
allow: ["context.read(notes/**)"]
"""


async def test_record_is_merged_and_null_removes_a_field(bylaw: Running) -> None:
    await bylaw.ask(
        "claude", "update_context", key="tasks/1", value={"title": "Login", "done": False}
    )

    answer = await bylaw.ask(
        "claude", "update_context", key="tasks/1", value={"done": None, "who": "ana"}
    )

    assert (answer["value"], answer["version"]) == ({"title": "Login", "who": "ana"}, 2)


async def test_append_adds_to_a_list(bylaw: Running) -> None:
    await bylaw.ask("claude", "update_context", key="notes/log", value="one", mode="append")

    answer = await bylaw.ask(
        "claude", "update_context", key="notes/log", value="two", mode="append"
    )

    assert answer["value"] == ["one", "two"]


async def test_record_outside_the_grant_is_not_there_to_write(bylaw: Running) -> None:
    answer = await bylaw.ask("claude", "update_context", key="roadmap/q1", value={})

    assert answer["error"] == "unknown"


async def test_expected_version_refuses_a_lost_update(bylaw: Running) -> None:
    await bylaw.ask("claude", "update_context", key="tasks/1", value={"a": 1})
    await bylaw.ask("ana", "update_context", key="tasks/1", value={"a": 2})

    answer = await bylaw.ask(
        "claude", "update_context", key="tasks/1", value={"a": 3}, expected_version=1
    )

    assert (answer["error"], answer["version"]) == ("stale", 2)


async def test_query_finds_records_by_their_words(bylaw: Running) -> None:
    await bylaw.ask("ana", "update_context", key="tasks/1", value={"title": "Login page"})
    await bylaw.ask("ana", "update_context", key="tasks/2", value={"title": "Search"})

    answer = await bylaw.ask("ana", "get_context_data", query="login")

    assert [record["key"] for record in answer["records"]] == ["tasks/1"]


async def test_record_that_is_not_there_is_unknown(bylaw: Running) -> None:
    answer = await bylaw.ask("ana", "get_context_data", key="tasks/404")

    assert answer["error"] == "unknown"


async def test_pages_name_no_record_that_may_not_be_read(tmp_path: Path, store_url: str) -> None:
    house = copy_of_shipped(tmp_path / "house")
    (house / "rules" / "access" / "notes.yaml").write_text(NOTES_ONLY)
    async with running(house, store_url) as bylaw:
        for key in ("notes/a", *(f"notes-of-ana/{number:03}" for number in range(60)), "notes/b"):
            await bylaw.ask("ana", "update_context", key=key, value={"text": "x"})

        answer = await bylaw.ask("ci", "get_context_data", query="x")

    assert [record["key"] for record in answer["records"]] == ["notes/a", "notes/b"]
    assert "notes-of-ana" not in str(answer)


async def test_key_of_another_write_leads_to_the_record(bylaw: Running) -> None:
    await bylaw.ask("ana", "update_context", key="tasks/1", value={"a": 1}, idempotency_key="k")

    other = await bylaw.ask(
        "ana", "update_context", key="tasks/2", value={"a": 1}, idempotency_key="k"
    )

    assert other["error"] == "key-reused"
    (look,) = other["next"]
    assert (look["tool"], look["arguments"]) == ("get_context_data", {"key": "tasks/2"})


async def test_refused_write_is_not_recorded_as_done(bylaw: Running) -> None:
    await bylaw.ask("ana", "update_context", key="tasks/1", value={"a": 1})

    await bylaw.ask("ana", "update_context", key="tasks/1", value={"a": 2}, expected_version=7)

    async with bylaw.opened.wired.house.store.read() as tx:
        newest = (await tx.audit.latest("main", kind="decision"))[0]
    assert newest.body["outcome"] == "refused"


async def test_record_outside_the_grant_is_not_there_to_ask_about(bylaw: Running) -> None:
    params = {"key": "roadmap/q1", "value": {}}
    written = await bylaw.ask("claude", "update_context", **params)

    asked = await bylaw.ask("claude", "enforce", action="context.write", params=params)
    run = await bylaw.run("claude", "context.write", params=params)

    assert written["error"] == asked["error"] == run["error"] == "unknown"
    assert written["summary"] == asked["summary"] == run["summary"]


async def test_record_inside_the_grant_may_be_asked_about(bylaw: Running) -> None:
    params = {"key": "tasks/1", "value": {}}

    asked = await bylaw.ask("claude", "enforce", action="context.write", params=params)

    assert asked["allowed"]
