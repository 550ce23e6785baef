"""Watches the files of a house and says when they have settled after a change.

What counts is what `stat` says of the files; notices of the operating system only make it look
sooner. So a notice that never comes (network mounts, a swapped link, a folder made anew) costs
a moment and not the change. Reads no content and decides nothing about it.
"""

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog
from watchfiles import awatch
from watchfiles.main import FileChange

log = structlog.get_logger(__name__)

FOLDERS = ("personas", "rules", "workflows")
SERVER_FILE = "bylaw.yaml"
SUFFIXES = (".yaml", ".yml")
DEEPEST = 32
# How often to look without a notice: as a safety net, and where there are no notices at all.
NET_S = 2.0
POLL_S = 0.3
TICK_MS = 100
# A storm of saves is interrupted for a look after this many times the debounce.
PATIENCE = 10
SHORTEST_MS = 10
# Longer than a tick of any common file system's clock.
FRESH_NS = 20_000_000

# Path, device, inode.
FolderMark = tuple[str, int, int]
# Path, times of content and of inode, size, inode: the last tells a link that was swapped.
FileMark = tuple[str, int, int, int, int]


class Stop(Protocol):
    """An event that ends the watch; asyncio's and anyio's are ones."""

    def is_set(self) -> bool:
        """Say whether to end."""
        ...

    async def wait(self) -> object:
        """Wait for the end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the files of a house were like at one moment, and the folders they can appear in."""

    files: frozenset[FileMark]
    folders: frozenset[FolderMark]
    # The moment of the last change of any of the files.
    changed_ns: int = 0

    def is_fresh(self, now_ns: int) -> bool:
        """Say whether a file changed so lately that one more change would leave no trace.

        The clock of a file system goes in ticks: two saves within one may look the same.
        """
        return 0 <= now_ns - self.changed_ns < FRESH_NS


def look_at(root: Path) -> Look:
    """Look at a house: one `stat` for each file; what cannot be read is not there.

    What begins with a dot is no content. Links are followed, each folder once.
    """
    walk = _Walk()
    walk.enter(str(root))
    walk.meet(str(root / SERVER_FILE))
    for name in FOLDERS:
        walk.descend(str(root / name), depth=0)
    changed_ns = max((mark[2] for mark in walk.files), default=0)
    return Look(
        files=frozenset(walk.files), folders=frozenset(walk.folders), changed_ns=changed_ns
    )


class _Walk:
    """One walk over a house; files may come and go under it."""

    def __init__(self) -> None:
        self.files: set[FileMark] = set()
        self.folders: set[FolderMark] = set()
        self._visited: set[tuple[int, int]] = set()

    def descend(self, folder: str, *, depth: int) -> None:
        if depth > DEEPEST or not self.enter(folder):
            return
        for name in _names(folder):
            path = f"{folder}/{name}"
            if name.startswith("."):
                continue
            if name.endswith(SUFFIXES):
                self.meet(path)
            elif os.path.isdir(path):  # noqa: PTH112 - a thousand paths at every look
                self.descend(path, depth=depth + 1)

    def enter(self, folder: str) -> bool:
        """Note a folder; say whether it is there and was not met on another way."""
        stat = _stat(folder)
        if stat is None or (stat.st_dev, stat.st_ino) in self._visited:
            return False
        self._visited.add((stat.st_dev, stat.st_ino))
        self.folders.add((folder, stat.st_dev, stat.st_ino))
        return True

    def meet(self, path: str) -> None:
        """Note a file."""
        stat = _stat(path)
        if stat is not None:
            times = stat.st_mtime_ns, stat.st_ctime_ns
            self.files.add((path, *times, stat.st_size, stat.st_ino))


def _names(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries)
    except OSError:
        return []


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - a thousand paths at every look
    except OSError:
        return None


async def changes(
    root: Path,
    *,
    debounce_ms: int,
    stop: Stop,
    poll: bool | None = None,
    since: Look | None = None,
) -> AsyncGenerator[None]:
    """Yield once whenever the house has settled after a burst of changes, until `stop` is set.

    `since` is what the house was like when it was last read (`look_at`, taken before reading);
    without it, what changed before the first step goes unnoticed. `poll` looks at short
    intervals and asks for no notices; by default the variable `WATCHFILES_FORCE_POLLING` says.
    """
    watch = _Watch(root, max(debounce_ms, SHORTEST_MS), stop)
    seen = await watch.look() if since is None else since
    polls = _told_to_poll() if poll is None else poll
    while not stop.is_set():
        wakes = watch.polls() if polls else watch.notices(seen)
        async with aclosing(wakes):
            async for settled in wakes:
                before, seen = seen, await watch.next_look(seen, settled=settled)
                if seen.files != before.files:
                    yield
                if seen.folders != before.folders:
                    break


class _Watch:
    """Wakes up for looks at one house, and waits for it to settle.

    Each wake says whether it comes after a quiet moment already.
    """

    def __init__(self, root: Path, debounce_ms: int, stop: Stop) -> None:
        self._root = root
        self._debounce_ms = debounce_ms
        self._stop = stop
        self._said = False

    async def look(self) -> Look:
        return await asyncio.to_thread(look_at, self._root)

    async def next_look(self, seen: Look, *, settled: bool) -> Look:
        """Return how the house is once nothing changes any more, or patience ends."""
        found = await self.look()
        has_come_to_rest = settled and not found.is_fresh(time.time_ns())
        if found == seen or (has_come_to_rest and found.folders == seen.folders):
            return found
        for _ in range(PATIENCE):
            before = found
            if not await self._rest(self._debounce_ms / 1000):
                break
            found = await self.look()
            if found == before and not found.is_fresh(time.time_ns()):
                break
        return found

    async def polls(self) -> AsyncGenerator[bool]:
        """Wake up at short intervals."""
        while await self._rest(POLL_S):
            yield False

    async def notices(self, seen: Look) -> AsyncGenerator[bool]:
        """Wake up once the folders are watched, when one has news, and for the safety net.

        Ends where notices cannot be had: a folder went away, the system has no watch left.
        """
        look_at_s = 0.0
        try:
            async with aclosing(self._news(seen)) as news:
                async for found in news:
                    now_s = asyncio.get_running_loop().time()
                    if found or now_s >= look_at_s:
                        look_at_s = now_s + NET_S
                        yield bool(found)
        except (OSError, RuntimeError) as error:
            self._say_once(error)
            if await self._rest(POLL_S):
                yield False

    def _say_once(self, error: Exception) -> None:
        """Say that the system gives no notices; a folder that has just gone is no such case."""
        if isinstance(error, FileNotFoundError | NotADirectoryError) or self._said:
            return
        self._said = True
        log.warning(
            "no notices of changed files: looking at them instead", reason=str(error)[:200]
        )

    def _news(self, seen: Look) -> AsyncGenerator[set[FileChange]]:
        return awatch(
            *(path for path, _, _ in seen.folders),
            watch_filter=None,
            debounce=self._debounce_ms * PATIENCE,
            # The first quiet step ends a burst; it lasts half to all of the debounce.
            step=max(self._debounce_ms // 2, SHORTEST_MS),
            stop_event=_EitherStop(self._stop),
            rust_timeout=TICK_MS,
            yield_on_timeout=True,
            force_polling=False,
            recursive=False,
            # Ignoring that would also ignore that the system has no watch left.
            ignore_permission_denied=False,
        )

    async def _rest(self, seconds: float) -> bool:
        """Wait; say whether to go on."""
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return True
        return False


class _EitherStop(asyncio.Event):
    """Ends one round of notices, when it is cancelled, without ending what others wait for."""

    def __init__(self, outer: Stop) -> None:
        super().__init__()
        self._outer = outer

    def is_set(self) -> bool:
        return super().is_set() or self._outer.is_set()


def _told_to_poll() -> bool:
    told = os.environ.get("WATCHFILES_FORCE_POLLING", "")
    return told.lower() not in {"", "0", "false", "no", "disable", "disabled"}
