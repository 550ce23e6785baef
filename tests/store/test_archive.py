from bylaw.model.archive import ArchivedDocument, ArchivedSnapshot
from bylaw.store.store import Store
from tests.store.rows import MINUTE, NOW

DOCUMENT = ArchivedDocument(
    scope="main", digest="d1", kind="policy", name="freeze", content={"rules": []}
)


def snapshot(digest: str, *, minutes: int = 0) -> ArchivedSnapshot:
    return ArchivedSnapshot(
        scope="main",
        digest=digest,
        documents={"policy/freeze": "d1"},
        git_commit=None,
        at=NOW + minutes * MINUTE,
    )


async def test_a_document_is_kept_once(store: Store) -> None:
    async with store.write() as tx:
        await tx.documents.add([DOCUMENT])
        await tx.documents.add([DOCUMENT])
        await tx.documents.add([])

    async with store.read() as tx:
        assert await tx.documents.get("main", "d1") == DOCUMENT
        assert await tx.documents.get("main", "d2") is None
        assert await tx.documents.missing("main", ["d1", "d2"]) == {"d2"}


async def test_a_snapshot_that_is_live_again_has_its_new_moment(store: Store) -> None:
    async with store.write() as tx:
        await tx.snapshots.add(snapshot("s1"))
        await tx.snapshots.add(snapshot("s2", minutes=1))
        await tx.snapshots.add(snapshot("s1", minutes=2))

    async with store.read() as tx:
        assert await tx.snapshots.get("main", "s1") == snapshot("s1", minutes=2)
        assert await tx.snapshots.get("main", "s3") is None
        assert await tx.snapshots.get("main", "s2") == snapshot("s2", minutes=1)
