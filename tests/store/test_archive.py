from collections.abc import Mapping
from dataclasses import replace

from bylaw.model.archive import ArchivedDocument, ArchivedSnapshot, ArchivedSource, Pin
from bylaw.store.store import Store
from tests.store.rows import MINUTE, NOW

DOCUMENT = ArchivedDocument(
    scope="main", digest="d1", kind="policy", name="freeze", content={"rules": []}
)


PIN = Pin(scope="main", digest="s1", at=NOW, by="operator:ana", reason="It was better.")


def source(digest: str, content: bytes = b"kind: policy\n") -> ArchivedSource:
    return ArchivedSource(scope="main", digest=digest, content=content)


def snapshot(
    digest: str, *, minutes: int = 0, files: Mapping[str, str] | None = None
) -> ArchivedSnapshot:
    return ArchivedSnapshot(
        scope="main",
        digest=digest,
        documents={"policy/freeze": "d1"},
        git_commit=None,
        at=NOW + minutes * MINUTE,
        files=files,
    )


async def test_a_document_is_kept_once(store: Store) -> None:
    async with store.write() as tx:
        tx.documents.add([DOCUMENT])
        tx.documents.add([DOCUMENT])
        tx.documents.add([])

    async with store.read() as tx:
        assert await tx.documents.get("main", "d1") == DOCUMENT
        assert await tx.documents.get("main", "d2") is None
        assert await tx.documents.missing("main", ["d1", "d2"]) == {"d2"}


async def test_a_snapshot_that_is_live_again_has_its_new_moment(store: Store) -> None:
    async with store.write() as tx:
        tx.snapshots.add(snapshot("s1"))
        tx.snapshots.add(snapshot("s2", minutes=1))
        tx.snapshots.add(snapshot("s1", minutes=2))

    async with store.read() as tx:
        assert await tx.snapshots.get("main", "s1") == snapshot("s1", minutes=2)
        assert await tx.snapshots.get("main", "s3") is None
        assert await tx.snapshots.get("main", "s2") == snapshot("s2", minutes=1)


async def test_snapshots_are_listed_newest_first(store: Store) -> None:
    async with store.write() as tx:
        tx.snapshots.add(snapshot("s1", minutes=1))
        tx.snapshots.add(snapshot("s2", minutes=3, files={"bylaw.yaml": "f1"}))
        tx.snapshots.add(snapshot("s3", minutes=2))

    async with store.read() as tx:
        newest = await tx.snapshots.newest("main", 2)
        assert [one.digest for one in newest] == ["s2", "s3"]
        assert await tx.snapshots.digests("main") == ("s2", "s3", "s1")
        assert await tx.snapshots.count("main") == 3
        assert await tx.snapshots.count("other") == 0
        assert await tx.snapshots.with_source("main") == newest[:1]


async def test_source_comes_back_as_it_was_to_the_byte(store: Store) -> None:
    content = b"\xef\xbb\xbfname: \xc3\xa9\r\n\x00\xff"
    async with store.write() as tx:
        await tx.sources.alone()
        tx.sources.add([source("f1", content), source("f2")])
        tx.sources.add([source("f1", content)])
        tx.sources.add([])

    async with store.read() as tx:
        assert await tx.sources.of("main", ["f1", "f3"]) == {"f1": content}
        assert await tx.sources.missing("main", ["f1", "f2", "f3"]) == {"f3"}
        assert await tx.sources.all("main") == {"f1", "f2"}
        assert await tx.sources.of("other", ["f1"]) == {}


async def test_source_is_dropped_and_its_snapshot_stays(store: Store) -> None:
    async with store.write() as tx:
        tx.sources.add([source("f1"), source("f2")])
        tx.snapshots.add(snapshot("s1", files={"a.yaml": "f1", "b.yaml": "f2"}))

    async with store.write() as tx:
        await tx.snapshots.drop_files("main", ["s1"])
        await tx.sources.drop("main", ["f1"])
        await tx.sources.drop("main", [])

    async with store.read() as tx:
        assert await tx.snapshots.get("main", "s1") == snapshot("s1")
        assert await tx.snapshots.with_source("main") == ()
        assert await tx.sources.all("main") == {"f2"}


async def test_pin_is_one_in_a_scope_and_can_be_removed_once(store: Store) -> None:
    other = replace(PIN, digest="s2", reason="", by="operator:bob")
    async with store.write() as tx:
        before = await tx.pins.get("main")
        await tx.pins.put(PIN)
        await tx.pins.put(other)

    async with store.write() as tx:
        during = await tx.pins.get("main")
        removed = [await tx.pins.remove("main"), await tx.pins.remove("main")]

    assert (before, during) == (None, other)
    assert removed == [True, False]
