"""The store goes away and comes back: nothing is told as done that is not kept."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from bylaw.store.store import Store
from tests import postgres
from tests.running import CHANGE, REVIEW, SUMMARY, Running, copy_of_shipped, running
from tests.services.outside import until


async def until_ready(bylaw: Running) -> None:
    """Wait until `/health` says so."""

    async def look() -> bool:
        return is_ready(bylaw)

    await until(look, bool)


def is_ready(bylaw: Running) -> bool:
    """Say what `/health` says."""
    return bool(bylaw.opened.wired.status.health()["ready"])


async def close(url: str) -> None:
    """Let nobody into a database, and end those who are in it."""
    name = urlsplit(url).path.lstrip("/")
    connection = await asyncpg.connect(postgres.with_name(url, "postgres"))
    await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
    )
    await connection.close()


async def reopen(url: str) -> None:
    """Let everybody into a database again."""
    name = urlsplit(url).path.lstrip("/")
    await postgres.execute(
        postgres.with_name(url, "postgres"), f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"
    )


@pytest.mark.postgres
async def test_server_answers_without_its_store_and_goes_on_when_it_is_back(
    tmp_path: Path, postgres_url: str
) -> None:
    async with running(copy_of_shipped(tmp_path / "house"), postgres_url) as bylaw:
        await bylaw.tested()
        await close(postgres_url)

        denied = await bylaw.ask("claude", "enforce", action="git.push", params={"branch": "main"})
        listed = await bylaw.ask("claude", "get_available_actions")
        refused = await bylaw.run("claude", "code-review.submit", params=SUMMARY)
        await bylaw.opened.wired.status.look()
        down = is_ready(bylaw)
        await reopen(postgres_url)
        await until_ready(bylaw)
        done = await bylaw.run("claude", "code-review.submit", params=SUMMARY)
        await bylaw.opened.wired.house.journal.flush()
        async with bylaw.opened.wired.house.store.read() as tx:
            kept = await tx.audit.get("main", denied["decision"])

    assert (denied["allowed"], refused["error"], down) == (False, "unavailable", False)
    assert (done["ok"], done["version"]) == (True, 3)
    assert kept is not None
    assert "git.push" in listed["yours"]
    assert "store" in listed["warnings"][0]


@pytest.mark.postgres
async def test_server_starts_without_its_store_and_goes_on_when_it_is_there(
    tmp_path: Path, postgres_url: str
) -> None:
    await close(postgres_url)

    async with running(copy_of_shipped(tmp_path / "house"), postgres_url) as bylaw:
        denied = await bylaw.ask("claude", "enforce", action="git.push", params={"branch": "main"})
        refused = await bylaw.run("ana", "code-review.start", params=CHANGE)
        await bylaw.opened.wired.status.look()
        down = is_ready(bylaw)
        await reopen(postgres_url)
        await until_ready(bylaw)
        started = await bylaw.run("ana", "code-review.start", params=CHANGE)

    assert (denied["allowed"], refused["error"], down) == (False, "unavailable", False)
    assert started["instance"] == REVIEW


# The connection of whoever writes a record ends while it commits.
END_AT_COMMIT = """
    CREATE FUNCTION end_me() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER ends AFTER INSERT ON context
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION end_me();
"""


@pytest.mark.postgres
async def test_write_whose_connection_ends_is_unavailable(
    tmp_path: Path, postgres_url: str
) -> None:
    async with running(copy_of_shipped(tmp_path / "house"), postgres_url) as bylaw:
        at_once = END_AT_COMMIT.replace("CONSTRAINT TRIGGER", "TRIGGER")
        await postgres.execute(
            postgres_url, at_once.replace("DEFERRABLE INITIALLY DEFERRED FOR", "FOR")
        )
        answers = [
            await bylaw.ask("ana", "update_context", key=f"tasks/{number}", value={"a": 1})
            for number in range(8)
        ]

    assert {answer["error"] for answer in answers} == {"unavailable"}


@pytest.mark.postgres
async def test_write_whose_commit_has_no_answer_is_not_called_undone(
    tmp_path: Path, postgres_url: str
) -> None:
    record = {"key": "tasks/1", "value": {"a": 1}, "idempotency_key": "k"}
    async with running(copy_of_shipped(tmp_path / "house"), postgres_url) as bylaw:
        await postgres.execute(postgres_url, END_AT_COMMIT)
        lost = await bylaw.ask("ana", "update_context", **record)
        await postgres.execute(postgres_url, "DROP TRIGGER ends ON context")
        again = await bylaw.ask("ana", "update_context", **record)

    assert lost["error"] == "outcome-unknown"
    assert "same `idempotency_key`" in lost["summary"]
    assert (again["ok"], again["version"]) == (True, 1)


async def test_file_that_is_gone_is_not_written_to(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    house = copy_of_shipped(tmp_path / "house")
    async with running(house, f"sqlite:///{folder}/bylaw.db") as bylaw:
        await bylaw.tested()
        shutil.move(folder, tmp_path / "away")

        refused = await bylaw.run("claude", "code-review.submit", params=SUMMARY)
        await bylaw.opened.wired.status.look()
        down = is_ready(bylaw)
        shutil.move(tmp_path / "away", folder)
        await until_ready(bylaw)
        done = await bylaw.run("claude", "code-review.submit", params=SUMMARY)

    assert (refused["error"], down) == ("unavailable", False)
    assert (done["ok"], done["version"]) == (True, 3)


async def test_file_that_was_removed_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    house = copy_of_shipped(tmp_path / "house")
    async with running(house, f"sqlite:///{folder}/bylaw.db") as bylaw:
        await bylaw.tested()
        for file in folder.glob("bylaw.db*"):
            file.unlink()

        refused = await bylaw.run("claude", "code-review.submit", params=SUMMARY)
        await bylaw.opened.wired.status.look()
        await until_ready(bylaw)
        started = await bylaw.run("ana", "code-review.start", params=CHANGE)

    assert refused["error"] in ("unavailable", "which-instance")
    assert (started["ok"], started["version"]) == (True, 1)


async def test_what_is_written_after_a_file_was_replaced_is_in_the_new_one(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/bylaw.db"
    async with Store.open(f"sqlite:///{tmp_path}/other.db") as other:
        await other.migrate()
    async with Store.open(url) as store:
        await store.migrate()
        for suffix in ("-wal", "-shm"):
            (tmp_path / f"bylaw.db{suffix}").unlink(missing_ok=True)
        (tmp_path / "other.db").replace(tmp_path / "bylaw.db")
        async with store.write() as tx:
            await tx.enqueue("later", {"n": 1})
    async with Store.open(url) as again, again.read() as tx:
        report = await tx.audit.verify()

    assert report.broken == ""
