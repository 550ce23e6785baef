"""Stores that cannot be used: at the start, in the middle, and when they can be again."""

import resource
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from bylaw.adapters.jobs.lock import try_lock
from bylaw.base.plain import Plain
from bylaw.services.answer import Answer
from tests import postgres
from tests.hostile.leaks import assert_is_refusal, assert_log_is_quiet, assert_tells_nothing
from tests.hostile.wire import post, sent
from tests.running import Running, copy_of_shipped, running
from tests.scenario.server import TOKENS, Server, served


async def write(bylaw: Running) -> Answer:
    """Write a record, as small a thing as can be written."""
    return await bylaw.ask("ana", "update_context", key="tasks/1", value={"title": "x"})


def over_file(folder: Path) -> AbstractAsyncContextManager[Running]:
    """Open a Bylaw over a file in a folder."""
    return running(copy_of_shipped(folder / "house"), f"sqlite:///{folder}/bylaw.db")


def assert_unavailable(answer: Answer, house: Path) -> None:
    """See that a call was refused for the store alone, and says nothing of it."""
    assert_is_refusal(answer)
    assert answer["error"] == "unavailable"
    assert_tells_nothing(str(answer), house)


@pytest.mark.parametrize("content", [b"no database" * 999, b"SQLite format 3\0" + b"\xff" * 9_000])
async def test_file_that_is_no_database_is_waited_for(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bylaw.db").write_bytes(content)

    async with running(
        copy_of_shipped(tmp_path / "house"), f"sqlite:///{tmp_path}/bylaw.db"
    ) as it:
        refused = await write(it)
        asked = await it.ask("ana", "enforce", action="git.push", params={"branch": "main"})
        (tmp_path / "bylaw.db").unlink()
        await it.opened.wired.status.look()
        written = await write(it)

    assert_unavailable(refused, tmp_path)
    assert (asked["verdict"], written["ok"]) == ("deny", True)
    assert (tmp_path / "bylaw.db").stat().st_size


async def test_folder_in_the_place_of_the_file_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "bylaw.db").mkdir()

    async with running(
        copy_of_shipped(tmp_path / "house"), f"sqlite:///{tmp_path}/bylaw.db"
    ) as it:
        assert_unavailable(await write(it), tmp_path)


def test_lock_that_cannot_be_made_is_nobodys(tmp_path: Path) -> None:
    assert try_lock(tmp_path / "not-there" / "lock") is None


@pytest.mark.postgres
async def test_database_that_becomes_read_only_refuses_writing_alone(
    tmp_path: Path, postgres_url: str
) -> None:
    async with running(copy_of_shipped(tmp_path / "house"), postgres_url) as it:
        await it.tested()
        await set_read_only(postgres_url, "on")
        refused = await write(it)
        read = await it.ask("ana", "get_workflow_state")
        await set_read_only(postgres_url, "off")
        written = await write(it)

    assert_unavailable(refused, tmp_path)
    assert (read["ok"], written["ok"]) == (True, True)


async def set_read_only(url: str, value: str) -> None:
    """Have the database take no writing from any connection, or take it again."""
    name = urlsplit(url).path.lstrip("/")
    admin = await asyncpg.connect(postgres.with_name(url, "postgres"))
    await admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {value}")
    await admin.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name
    )
    await admin.close()


def test_full_disk_refuses_writing_until_there_is_room(tmp_path: Path) -> None:
    house = copy_of_shipped(tmp_path / "house")
    with served(house, f"sqlite:///{tmp_path}/bylaw.db") as server:
        assert put(server)["ok"]
        limit_files(server, 8_192)
        refused, asked = put(server), ask(server)
        limit_files(server, resource.RLIM_INFINITY)
        written = put(server)
        printed = server.stop()

    assert_unavailable(refused, house)
    assert (asked["verdict"], written["ok"], written["version"]) == ("deny", True, 2)
    assert_log_is_quiet(printed, house)


def limit_files(server: Server, size_bytes: int) -> None:
    """Let a server write no file beyond a size, as a full disk does."""
    assert server.process is not None
    _, most = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size_bytes, most))


def put(server: Server) -> Plain:
    """Write a record over REST."""
    body = b'{"value": {"title": "' + b"x" * 2_000 + b'"}}'
    token = f"Authorization: Bearer {TOKENS['ana']}"
    return sent(server.port, post("/context/tasks/1", body, headers=(token,))).json()


def ask(server: Server) -> Plain:
    """Ask a question that needs no store."""
    body = b'{"action": "git.push", "params": {"branch": "main"}}'
    return sent(server.port, post("/enforce", body)).json()
