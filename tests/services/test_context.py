"""Shared records: granted by key, versioned, merged."""

from tests.running import Running


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
