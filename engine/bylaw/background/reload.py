"""Hot reload: a saved house becomes live in one swap, or is rejected with its problems."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import structlog

from bylaw.adapters.watch import Look, changes, look_at
from bylaw.background.aside import Turns, aside
from bylaw.base.errors import StoreUnavailable
from bylaw.base.problem import Problem
from bylaw.compile.house import Compiled, Compiler, Origin
from bylaw.load.document import DocumentCache
from bylaw.load.house import Reader, git_commit, no_rest
from bylaw.services.archive import record
from bylaw.services.house import House, needed

# The codes of problems that may have their cause in another document.
QUOTED = re.compile(r"`([^`]+)`")
OF_OTHERS = frozenset({"unknown-ref", "unknown-name", "no-server", "no-executor"})

log = structlog.get_logger(__name__)


class Loader:
    """Reads and compiles a house again and again; what did not change costs nothing."""

    def __init__(
        self, root: Path, environ: Mapping[str, str], clock: Callable[[], datetime]
    ) -> None:
        """Load the house at `root`."""
        self.root = root
        self.environ = environ
        self._clock = clock
        self._reader = Reader(root)
        self._documents = DocumentCache()
        self._compiler = Compiler()
        # What the files were like before they were read: what changes after that is noticed.
        self.seen: Look | None = None

    def load(self, rest: Callable[[], None] = no_rest) -> Compiled:
        """Return the snapshot of the files as they are, or every problem in them.

        It rests between its steps, so that whoever waits for one does not wait for all.
        """
        self.seen = look_at(self.root)
        rest()
        house = self._reader.read(rest)
        rest()
        loaded = self._documents.load(house.files)
        rest()
        origin = Origin(environ=self.environ, git_commit=git_commit(self.root), now=self._clock())
        compiled = self._compiler.compile((*loaded.documents, *loaded.rest), origin)
        problems = (*house.problems, *loaded.problems)
        if not problems:
            return replace(compiled, sources=house.files)
        lost = None if house.problems else loaded.lost
        sound = (one for one in compiled.problems if not _may_follow(one, lost))
        tests = (one for one in compiled.of_tests if not _may_follow(one, lost))
        return Compiled.failed((*problems, *sound), of_tests=tests)


def _may_follow(problem: Problem, lost: frozenset[str] | None) -> bool:
    """Say whether a problem may be there only because what it misses did not load.

    What is said of such names may be wrong, and is left out until they load.
    """
    if problem.code not in OF_OTHERS:
        return False
    if lost is None:
        return True
    words = (part for name in QUOTED.findall(problem.message) for part in (name, *name.split(".")))
    return any(word in lost for word in words)


class Reload:
    """Keeps the live snapshot up to the files."""

    def __init__(self, house: House, loader: Loader) -> None:
        """Reload with these."""
        self._house = house
        self._loader = loader
        # A load that a crash cut off, and a snapshot that the store does not have yet.
        self._is_due = False
        self._unrecorded: Compiled | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Reload whenever the house has settled after a change, until `stop` is set."""
        debounce_ms = self._house.snapshots.live.server.debounce_ms
        if self._is_due:
            await self.once()
        root, since = self._loader.root, self._loader.seen
        async for _ in changes(root, debounce_ms=debounce_ms, stop=stop, since=since):
            await self.once()

    async def once(self) -> None:
        """Load the files; swap, or keep the last good snapshot and say what is wrong."""
        self._is_due = True
        await self._take(await asyncio.to_thread(self._load))
        self._is_due = False

    def _load(self) -> Compiled:
        with aside():
            return self._loader.load(Turns())

    async def catch_up(self) -> None:
        """Record the newest good files if the store was down when they were read."""
        if self._unrecorded is not None:
            await record(self._house.store, self._unrecorded)
            self._unrecorded = None

    async def begin(self, compiled: Compiled) -> None:
        """Take the house as it was read at the start; a pin may have it wait, good or not."""
        if compiled.snapshot is None:
            self._refuse(compiled)
        else:
            await self.go_live(compiled)

    async def _take(self, compiled: Compiled) -> None:
        if compiled.of_tests:
            told = [str(problem) for problem in compiled.of_tests]
            log.warning("tests of the house cannot run", problems=told)
        newest = self._house.snapshots.newest
        if compiled.snapshot is None:
            self._refuse(compiled)
        elif newest and newest.snapshot and compiled.snapshot.digest == newest.snapshot.digest:
            # Only comments or layout changed: the lines that answers name did, the rules did not.
            self._settle(compiled)
            await self._record(compiled)
        else:
            await self.go_live(compiled)

    def _refuse(self, compiled: Compiled) -> None:
        snapshots = self._house.snapshots
        snapshots.reject(compiled.problems, self._house.clock())
        problems = [str(problem) for problem in compiled.problems]
        log.error("house rejected", problems=problems, live=snapshots.live.digest[:12])
        self._house.note("rejected", {"problems": problems})

    async def go_live(self, compiled: Compiled) -> None:
        """Record a snapshot in the store, then make it live, or have it wait behind the pin.

        The store comes first: an instance must find the definition it follows. If the store is
        down the snapshot goes live nevertheless, and is recorded once it answers (`catch_up`).
        """
        snapshot = needed(compiled)
        await self._record(compiled)
        said = {"digest": snapshot.digest, "git_commit": snapshot.git_commit}
        count = len(snapshot.documents)
        if self._settle(compiled):
            log.info("house live", digest=snapshot.digest[:12], documents=count)
            self._house.note("live", said)
        else:
            log.info("house waits behind the pin", digest=snapshot.digest[:12], documents=count)
            self._house.note("waiting", said)
        if self._house.snapshots.restart_for:
            log.warning("restart needed", changed=list(self._house.snapshots.restart_for))

    async def _record(self, compiled: Compiled) -> None:
        try:
            newest = self._house.snapshots.newest
            before = newest.snapshot if newest else None
            after = before.digest if before else None
            await record(self._house.store, compiled, after=after)
        except StoreUnavailable:
            self._unrecorded = compiled
            log.warning("snapshot not recorded: the store did not answer")

    def _settle(self, compiled: Compiled) -> bool:
        """Make good files live; false where they wait, because something is pinned."""
        self._house.snapshots.accept(compiled)
        if self._house.snapshots.pinned is not None:
            return False
        self._house.make_live(compiled)
        return True
