"""Hot reload: a saved house becomes live in one swap, or is rejected with its problems."""

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import structlog

from bylaw.adapters.watch import Look, changes, look_at
from bylaw.base.errors import BylawError, StoreUnavailable
from bylaw.base.problem import Problem
from bylaw.compile.house import Compiled, Compiler, Origin
from bylaw.load.document import DocumentCache
from bylaw.load.house import git_commit, read_house
from bylaw.model.archive import ArchivedDocument, ArchivedSnapshot
from bylaw.model.snapshot import Snapshot
from bylaw.services.house import House
from bylaw.services.snapshots import secret_values

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
        self._environ = environ
        self._clock = clock
        self._documents = DocumentCache()
        self._compiler = Compiler()
        # What the files were like before they were read: what changes after that is noticed.
        self.seen: Look | None = None

    def load(self) -> Compiled:
        """Return the snapshot of the files as they are, or every problem in them."""
        self.seen = look_at(self.root)
        house = read_house(self.root)
        loaded = self._documents.load(house.files)
        origin = Origin(environ=self._environ, git_commit=git_commit(self.root), now=self._clock())
        compiled = self._compiler.compile((*loaded.documents, *loaded.rest), origin)
        problems = (*house.problems, *loaded.problems)
        if not problems:
            return compiled
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
        self._unrecorded: Snapshot | None = None

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
        await self._take(await asyncio.to_thread(self._loader.load))
        self._is_due = False

    async def catch_up(self) -> None:
        """Record the live snapshot if the store was down when it went live."""
        if self._unrecorded is not None:
            await record(self._house, self._unrecorded)
            self._unrecorded = None

    async def _take(self, compiled: Compiled) -> None:
        snapshots = self._house.snapshots
        if compiled.of_tests:
            told = [str(problem) for problem in compiled.of_tests]
            log.warning("tests of the house cannot run", problems=told)
        if compiled.snapshot is None:
            snapshots.reject(compiled.problems, self._house.clock())
            log.error(
                "house rejected",
                problems=[str(problem) for problem in compiled.problems],
                live=snapshots.live.digest[:12],
            )
            self._note("rejected", {"problems": [str(one) for one in compiled.problems]})
            return
        if compiled.snapshot.digest == snapshots.live.digest:
            # Only comments or layout changed: the lines that answers name did, the rules did not.
            snapshots.swap(compiled.snapshot)
            return
        await self.go_live(compiled)

    async def go_live(self, compiled: Compiled) -> None:
        """Record a snapshot in the store, then make it live.

        The store comes first: an instance must find the definition it follows. If the store is
        down the snapshot goes live nevertheless, and is recorded once it answers (`catch_up`).
        """
        snapshot = compiled.snapshot
        if snapshot is None or compiled.context is None:
            raise BylawError("only a compiled house can go live")
        try:
            await record(self._house, snapshot)
        except StoreUnavailable:
            self._unrecorded = snapshot
            log.warning("snapshot not recorded: the store did not answer")
        self._house.definitions.context = compiled.context
        self._house.journal.redactor.learn(secret_values(snapshot))
        self._house.snapshots.swap(snapshot)
        log.info("house live", digest=snapshot.digest[:12], documents=len(snapshot.documents))
        if self._house.snapshots.restart_for:
            log.warning("restart needed", changed=list(self._house.snapshots.restart_for))
        self._note("live", {"digest": snapshot.digest, "git_commit": snapshot.git_commit})

    def _note(self, outcome: str, body: Mapping[str, object]) -> None:
        house = self._house
        happened = house.journal.happening(
            "reload", house.new_id("rel"), {"outcome": outcome, **body}, now=house.clock()
        )
        house.journal.add(happened)


async def record(house: House, snapshot: Snapshot) -> None:
    """Write a snapshot and those of its documents that the store does not have."""
    scope = snapshot.scope
    by_digest = {document.digest: document for document in snapshot.documents}
    async with house.store.write() as tx:
        missing = await tx.documents.missing(scope, by_digest)
        await tx.documents.add(
            ArchivedDocument(
                scope=scope,
                digest=digest,
                kind=by_digest[digest].kind,
                name=by_digest[digest].name,
                content=by_digest[digest].plain(),
            )
            for digest in missing
        )
        await tx.snapshots.add(
            ArchivedSnapshot(
                scope=scope,
                digest=snapshot.digest,
                documents={document.ref: document.digest for document in snapshot.documents},
                git_commit=snapshot.git_commit,
                at=snapshot.compiled_at,
            )
        )
