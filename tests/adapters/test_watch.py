"""Watching real files: what makes a house news, and what does not."""

import asyncio
import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from watchfiles.main import FileChange

from bylaw.adapters import watch
from bylaw.adapters.watch import Look, changes, look_at

DEBOUNCE_MS = 20
PATIENCE_S = 10.0


@pytest.fixture
def house(tmp_path: Path) -> Path:
    root = tmp_path / "house"
    for name in ("rules", "workflows", ".bylaw", "docs"):
        (root / name).mkdir(parents=True)
    (root / "bylaw.yaml").write_text("bylaw: 1\n")
    (root / "rules" / "a.yaml").write_text("kind: policy\n")
    return root


@pytest.fixture(params=[False, True], ids=["notices", "polls"])
def poll(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """With notices, the safety net is too slow to help; without, it is all there is."""
    monkeypatch.setattr(watch, "NET_S", 30.0)
    monkeypatch.setattr(watch, "POLL_S", 0.03)
    return bool(request.param)


@dataclass
class Watched:
    """A running watch."""

    news: AsyncGenerator[None]
    root: Path

    async def told(self) -> bool:
        """Wait for the next news."""
        await asyncio.wait_for(anext(self.news), PATIENCE_S)
        return True


@asynccontextmanager
async def watching(root: Path, *, poll: bool) -> AsyncIterator[Watched]:
    """Watch from now on; the first step has been taken once a first change was told."""
    stop = asyncio.Event()
    news = changes(root, debounce_ms=DEBOUNCE_MS, stop=stop, poll=poll, since=look_at(root))
    async with aclosing(news):
        yield Watched(news=news, root=root)
        stop.set()


def rewrite(path: Path, text: str) -> None:
    """Save as careful editors do: a new file is moved over the old one."""
    new = path.with_name(f".{path.name}.swp")
    new.write_text(text)
    new.replace(path)


async def test_saved_file_is_news(house: Path, poll: bool) -> None:
    async with watching(house, poll=poll) as watched:
        (house / "rules" / "a.yaml").write_text("kind: policy\nname: a\n")

        assert await watched.told()


async def test_every_later_change_is_news_again(house: Path, poll: bool) -> None:
    async with watching(house, poll=poll) as watched:
        rewrite(house / "rules" / "a.yaml", "one")
        assert await watched.told()
        rewrite(house / "rules" / "a.yaml", "two")
        assert await watched.told()
        (house / "rules" / "a.yaml").unlink()
        assert await watched.told()
        (house / "bylaw.yaml").write_text("bylaw: 1\nname: x\n")
        assert await watched.told()


async def test_file_of_the_same_size_and_time_is_news(house: Path, poll: bool) -> None:
    file = house / "rules" / "a.yaml"
    stat = file.stat()
    async with watching(house, poll=poll) as watched:
        rewrite(file, "kind: polisy\n")
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))

        assert await watched.told()


async def test_burst_is_told_once(house: Path, poll: bool) -> None:
    async with watching(house, poll=poll) as watched:
        for number in range(100):
            (house / "rules" / f"{number}.yaml").write_text("x")
        assert await watched.told()

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(watched.news), 0.3)


async def test_folder_that_appears_later_is_watched(house: Path, poll: bool) -> None:
    async with watching(house, poll=poll) as watched:
        (house / "personas" / "deep").mkdir(parents=True)
        (house / "personas" / "deep" / "a.yaml").write_text("x")
        assert await watched.told()

        rewrite(house / "personas" / "deep" / "a.yaml", "y")
        assert await watched.told()


async def test_folder_that_is_removed_and_made_anew_is_watched(house: Path, poll: bool) -> None:
    async with watching(house, poll=poll) as watched:
        shutil.rmtree(house / "rules")
        assert await watched.told()
        (house / "rules").mkdir()
        (house / "rules" / "a.yaml").write_text("x")
        assert await watched.told()
        (house / "rules" / "a.yaml").write_text("longer")
        assert await watched.told()


async def test_whole_house_that_is_removed_and_made_anew_is_found_by_looking(house: Path) -> None:
    async with watching(house, poll=True) as watched:
        shutil.rmtree(house)
        assert await watched.told()
        (house / "rules").mkdir(parents=True)
        (house / "bylaw.yaml").write_text("bylaw: 1\n")
        assert await watched.told()


async def test_swapped_link_is_news(house: Path, poll: bool) -> None:
    mount = house / "workflows"
    for version in ("..1", "..2"):
        (mount / version).mkdir()
        (mount / version / "w.yaml").write_text("same")
    (mount / "..data").symlink_to("..1")
    (mount / "w.yaml").symlink_to("..data/w.yaml")
    async with watching(house, poll=poll) as watched:
        (mount / "..new").symlink_to("..2")
        (mount / "..new").replace(mount / "..data")

        assert await watched.told()


async def test_missed_notices_are_made_up_for_by_the_safety_net(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "NET_S", 0.1)
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text("x")
    (house / "rules" / "b.yaml").symlink_to(elsewhere)
    async with watching(house, poll=False) as watched:
        (house / "rules" / "a.yaml").write_text("first")
        assert await watched.told()
        # No folder of the house has news of this.
        elsewhere.write_text("changed")

        assert await watched.told()


async def test_what_changed_since_the_last_reading_is_news(house: Path, poll: bool) -> None:
    before = look_at(house)
    (house / "rules" / "a.yaml").write_text("changed before the watch began")
    news = changes(house, debounce_ms=DEBOUNCE_MS, stop=asyncio.Event(), poll=poll, since=before)

    await asyncio.wait_for(anext(news), PATIENCE_S)


async def test_other_files_are_no_news(house: Path, poll: bool) -> None:
    async with watching(house, poll=poll) as watched:
        (house / ".bylaw" / "bylaw.db").write_text("x")
        (house / "docs" / "a.yaml").write_text("x")
        (house / "notes.yaml").write_text("x")
        (house / "rules" / ".a.yaml.swp").write_text("x")
        (house / "rules" / "a.yaml~").write_text("x")
        (house / "rules" / "README.md").write_text("x")
        (house / "rules" / ".git").mkdir()
        (house / "rules" / ".git" / "a.yaml").write_text("x")

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(watched.news), 0.3)


async def test_link_to_a_folder_above_does_not_run_in_circles(house: Path) -> None:
    (house / "rules" / "loop").symlink_to(house)

    assert len(look_at(house).files) == 2


@pytest.mark.parametrize("name", ["gone", "file"])
def test_looking_at_what_is_no_house_finds_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x")

    assert look_at(tmp_path / name).files == frozenset()


async def test_stopping_ends_the_watch(house: Path, poll: bool) -> None:
    stop = asyncio.Event()
    news = changes(house, debounce_ms=DEBOUNCE_MS, stop=stop, poll=poll)
    asyncio.get_running_loop().call_later(0.05, stop.set)

    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(news), PATIENCE_S)


async def test_cancelling_one_watch_leaves_the_event_of_the_others_alone(house: Path) -> None:
    stop = asyncio.Event()
    news = changes(house, debounce_ms=DEBOUNCE_MS, stop=stop, poll=False)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(news), 0.1)

    assert not stop.is_set()


async def test_saved_file_is_told_when_no_second_save_could_hide_behind_it(
    house: Path, poll: bool
) -> None:
    async with watching(house, poll=poll) as watched:
        (house / "rules" / "a.yaml").write_text("kind: policy\nname: a\n")
        await watched.told()

        assert not look_at(house).is_fresh(time.time_ns())


@pytest.mark.parametrize("ago_ns", [watch.FRESH_NS, -1])
def test_what_changed_a_while_ago_or_by_a_wrong_clock_is_not_fresh(ago_ns: int) -> None:
    look = Look(files=frozenset(), folders=frozenset(), changed_ns=10**18)

    assert look.is_fresh(10**18)
    assert not look.is_fresh(10**18 + ago_ns)


async def test_where_the_system_has_no_watch_left_the_files_are_looked_at(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*_folders: str, **_settings: object) -> AsyncGenerator[set[FileChange]]:
        raise OSError(errno.ENOSPC, "OS file watch limit reached")

    monkeypatch.setattr(watch, "NET_S", 30.0)
    monkeypatch.setattr(watch, "POLL_S", 0.03)
    monkeypatch.setattr(watch, "awatch", none_left)
    with capture_logs() as logs:
        async with watching(house, poll=False) as watched:
            rewrite(house / "rules" / "a.yaml", "one")
            assert await watched.told()
            rewrite(house / "rules" / "a.yaml", "two")
            assert await watched.told()

    assert len(logs) == 1


def test_system_without_a_watch_left_says_so(house: Path) -> None:
    """The limit of a user, in a namespace of its own so that nobody else runs into it."""
    limit = "echo 0 > /proc/sys/user/max_inotify_watches && exec"
    script = (
        "import asyncio, pathlib, sys; from bylaw.adapters.watch import changes, look_at\n"
        "async def main(root):\n"
        "    news = changes(root, debounce_ms=20, stop=asyncio.Event(), since=look_at(root))\n"
        "    (root / 'rules' / 'a.yaml').write_text('changed')\n"
        "    await anext(news)\n"
        "asyncio.run(main(pathlib.Path(sys.argv[1])))\n"
    )
    command = f'{limit} "$0" "$@"'
    done = subprocess.run(
        ["unshare", "-Ur", "sh", "-c", command, sys.executable, "-c", script, str(house)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if "unshare" in done.stderr or "max_inotify_watches" in done.stderr:
        pytest.skip("this system has no namespaces of users")

    assert done.returncode == 0, done.stderr
    assert "no notices of changed files" in done.stdout


async def test_environment_can_ask_for_polling(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "true")
    monkeypatch.setattr(watch, "awatch", None)
    news = changes(house, debounce_ms=DEBOUNCE_MS, stop=asyncio.Event(), since=look_at(house))
    (house / "rules" / "b.yaml").write_text("x")

    await asyncio.wait_for(anext(news), PATIENCE_S)
