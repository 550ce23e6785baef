"""Recording what the files say, and making it a snapshot again; the store forgets old sources."""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import structlog

from bylaw.base.place import Place
from bylaw.base.problem import Problem
from bylaw.compile.house import Compiled, Compiler, Origin
from bylaw.load.document import DocumentCache
from bylaw.load.house import SourceFile
from bylaw.load.secret import hide_secrets
from bylaw.model.archive import ArchivedDocument, ArchivedSnapshot, ArchivedSource
from bylaw.model.document import Document
from bylaw.model.snapshot import Snapshot
from bylaw.store.store import Store, Transaction

log = structlog.get_logger(__name__)

# Sources are kept of the newest snapshots, and beyond these of the last one of each day.
NEWEST_KEPT = 100
DAYS_KEPT = 90


async def record(store: Store, compiled: Compiled, *, after: str | None = None) -> None:
    """Write what the files say now: the snapshot, and of it what the store does not have.

    `after` is the digest of the snapshot that was recorded before it: what stands in that one
    too is not asked for again, so that a save costs what it changed and not all there ever was.

    Where a secret stands written out in `bylaw.yaml` no source is kept, so that nobody finds
    it in the store; such a snapshot cannot be pinned.
    """
    snapshot = compiled.snapshot
    if snapshot is None:
        return
    written_out = secrets_in(snapshot)
    if written_out:
        log.warning("snapshot cannot be pinned: secrets are written out", where=list(written_out))
    sources = {} if written_out else sources_of(snapshot, compiled.sources)
    async with store.write() as tx:
        await tx.sources.alone()
        kept = None if after is None else await tx.snapshots.get(snapshot.scope, after)
        await _add_documents(tx, snapshot, kept)
        await _add_sources(tx, snapshot.scope, sources.values(), kept)
        tx.snapshots.add(_row(snapshot, sources))


def secrets_in(snapshot: Snapshot) -> tuple[str, ...]:
    """Return which secrets stand written out in the house: `secrets.KEY`."""
    servers = (one for one in snapshot.documents if one.kind == "server")
    return tuple(path for one in servers for path in hide_secrets(one.kind, one.plain())[1])


def sources_of(snapshot: Snapshot, sources: Iterable[SourceFile]) -> dict[str, SourceFile]:
    """Return the files, by path, in which a document of the snapshot stands."""
    used = {document.file for document in snapshot.documents}
    return {file.path: file for file in sources if file.path in used}


async def _add_documents(
    tx: Transaction, snapshot: Snapshot, kept: ArchivedSnapshot | None
) -> None:
    documents = {document.digest: document for document in snapshot.documents}
    if kept is None:
        missing = await tx.documents.missing(snapshot.scope, documents)
    else:
        missing = frozenset(documents).difference(kept.documents.values())
    tx.documents.add(_archived(documents[digest], snapshot) for digest in missing)


async def _add_sources(
    tx: Transaction, scope: str, files: Iterable[SourceFile], kept: ArchivedSnapshot | None
) -> None:
    by_digest = {file.digest: file.content for file in files}
    if kept is None or kept.files is None:
        missing = await tx.sources.missing(scope, by_digest)
    else:
        missing = frozenset(by_digest).difference(kept.files.values())
    tx.sources.add(
        ArchivedSource(scope=scope, digest=digest, content=by_digest[digest]) for digest in missing
    )


def _archived(document: Document, snapshot: Snapshot) -> ArchivedDocument:
    content, _ = hide_secrets(document.kind, document.plain())
    return ArchivedDocument(
        scope=snapshot.scope,
        digest=document.digest,
        kind=document.kind,
        name=document.name,
        content=content,
    )


def _row(snapshot: Snapshot, sources: Mapping[str, SourceFile]) -> ArchivedSnapshot:
    return ArchivedSnapshot(
        scope=snapshot.scope,
        digest=snapshot.digest,
        documents={document.ref: document.digest for document in snapshot.documents},
        git_commit=snapshot.git_commit,
        at=snapshot.compiled_at,
        files={path: file.digest for path, file in sources.items()} or None,
    )


async def made_again(
    store: Store, scope: str, digest: str, *, environ: Mapping[str, str], now: datetime
) -> Compiled:
    """Compile a recorded snapshot from its sources, or say why it cannot be had any more.

    It takes the environment as it is now: the store has no secret to give back.
    """
    async with store.read() as tx:
        kept = await tx.snapshots.get(scope, digest)
        paths = kept.files if kept is not None and kept.files else {}
        content = await tx.sources.of(scope, paths.values())
    files = tuple(
        SourceFile(path=path, content=content[of], digest=of)
        for path, of in sorted(paths.items())
        if of in content
    )
    if kept is None or not files or len(files) < len(paths):
        return _lost("no-source", f"the store has no source of `{digest[:12]}`", "")
    origin = Origin(environ=environ, git_commit=kept.git_commit, now=now, scope=scope)
    return await asyncio.to_thread(compiled_from, files, origin, digest=digest)


def compiled_from(files: tuple[SourceFile, ...], origin: Origin, *, digest: str) -> Compiled:
    """Compile recorded files; what they make must be the snapshot that they were of."""
    loaded = DocumentCache().load(files)
    if loaded.problems:
        return Compiled.failed(loaded.problems)
    compiled = Compiler().compile(loaded.documents, origin)
    changed = [one for one in files if hashlib.sha256(one.content).hexdigest() != one.digest]
    made = compiled.snapshot
    if made is not None and (made.digest != digest or changed):
        text = f"the recorded source makes `{made.digest[:12]}` and not `{digest[:12]}`"
        return _lost("changed-source", text, "somebody changed the store")
    return compiled


def _lost(code: str, message: str, hint: str) -> Compiled:
    return Compiled.failed([Problem(Place("bylaw.yaml"), code, message, hint)])


async def forget(store: Store, scope: str, *, live: Iterable[str], now: datetime) -> int:
    """Remove the sources of old snapshots, but of none that is live or pinned.

    Returns how many files went. The snapshots themselves stay, with their documents:
    decisions and instances name them.
    """
    async with store.write() as tx:
        await tx.sources.alone()
        snapshots = await tx.snapshots.with_source(scope)
        pin = await tx.pins.get(scope)
        kept = kept_sources(snapshots, (*live, *((pin.digest,) if pin else ())), now=now)
        old = [one.digest for one in snapshots if one.digest not in kept]
        await tx.snapshots.drop_files(scope, old)
        used = {of for one in snapshots if one.digest in kept for of in (one.files or {}).values()}
        unused = await tx.sources.all(scope) - used
        await tx.sources.drop(scope, unused)
    return len(unused)


def kept_sources(
    snapshots: Iterable[ArchivedSnapshot], needed: Iterable[str], *, now: datetime
) -> frozenset[str]:
    """Return the digests of those, newest first, whose source is kept.

    These are what is needed, the newest ones, and the last of each day.
    """
    kept = set(needed)
    days = set()
    for number, one in enumerate(snapshots):
        is_last_of_day = one.at.date() not in days and now - one.at < timedelta(days=DAYS_KEPT)
        days.add(one.at.date())
        if number < NEWEST_KEPT or is_last_of_day:
            kept.add(one.digest)
    return frozenset(kept)
