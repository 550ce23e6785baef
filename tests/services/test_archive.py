"""What the files say is recorded with its source, and can be made a snapshot again."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bylaw.app import clock
from bylaw.background.reload import Loader
from bylaw.compile.house import Compiled, Compiler, Origin
from bylaw.load.document import DocumentCache
from bylaw.load.house import SourceFile
from bylaw.model.archive import ArchivedSnapshot, ArchivedSource, Pin
from bylaw.services.archive import DAYS_KEPT, NEWEST_KEPT, forget, kept_sources, made_again, record
from bylaw.services.house import needed
from bylaw.store.store import Store, Transaction
from tests.services.outside import ACCESS, SERVER, write_house

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULE = """\
# Comments count as lines.

kind: policy
name: freeze
description: Main is frozen.
applies: {actions: [git.push]}
rules:
  - {name: no-push, when: params.branch == "main", effect: deny, message: "Frozen, é."}
"""
REFERENCES = SERVER.replace('"hunter2-hunter2"', '"${KEY:-}"').replace("PORT", "0")
ENVIRON = {"KEY": "the-value-of-the-environment"}


def house_of(folder: Path, *, server: str = REFERENCES, rule: str = RULE) -> Loader:
    write_house(folder, rule)
    (folder / "bylaw.yaml").write_text(server)
    return Loader(folder, ENVIRON, clock.now)


def compiled_of(day: str, *, now: datetime, default: str = ":-") -> Compiled:
    """Compile a house whose rule names a day, as if it had lain in a folder."""
    texts = {
        "bylaw.yaml": REFERENCES.replace(":-", default),
        "rules/access.yaml": ACCESS,
        "rules/all.yaml": RULE.replace("Frozen", day),
    }
    files = tuple(
        SourceFile(
            path=path, content=text.encode(), digest=hashlib.sha256(text.encode()).hexdigest()
        )
        for path, text in texts.items()
    )
    origin = Origin(environ=ENVIRON, git_commit=None, now=now)
    compiled = Compiler().compile(DocumentCache().load(files).documents, origin)
    assert compiled.snapshot is not None, compiled.problems
    return replace(compiled, sources=files)


async def recorded(store: Store, loader: Loader) -> Compiled:
    compiled = loader.load()
    assert not compiled.problems
    await record(store, compiled)
    return compiled


async def again(store: Store, compiled: Compiled) -> Compiled:
    assert compiled.snapshot is not None
    digest = compiled.snapshot.digest
    return await made_again(store, "main", digest, environ=ENVIRON, now=NOW)


async def row(tx: Transaction, compiled: Compiled) -> ArchivedSnapshot:
    assert compiled.snapshot is not None
    found = await tx.snapshots.get("main", compiled.snapshot.digest)
    assert found is not None
    return found


async def test_recorded_snapshot_is_made_again_with_its_lines_and_secrets(
    store: Store, tmp_path: Path
) -> None:
    loader = house_of(tmp_path)
    first = await recorded(store, loader)
    for file in (tmp_path / "bylaw.yaml", tmp_path / "rules" / "all.yaml"):
        file.unlink()

    second = await again(store, first)

    assert second.snapshot is not None
    assert first.snapshot is not None
    assert second.snapshot.digest == first.snapshot.digest
    assert second.snapshot.origins == first.snapshot.origins
    assert second.snapshot.policies == first.snapshot.policies
    assert second.snapshot.server.secrets["KEY"].reveal() == ENVIRON["KEY"]


async def test_only_files_with_documents_that_count_are_kept_each_once(
    store: Store, tmp_path: Path
) -> None:
    loader = house_of(tmp_path)
    (tmp_path / "rules" / "empty.yaml").write_text("# nothing\n")
    (tmp_path / "rules" / "tests.yaml").write_text(
        "kind: test\nname: t\ncases: [{name: one, actor: ana, action: git.push, expect: deny}]\n"
    )
    first = await recorded(store, loader)
    (tmp_path / "rules" / "all.yaml").write_text(RULE.replace("Frozen", "Closed"))
    second = await recorded(store, loader)

    async with store.read() as tx:
        before, after = await row(tx, first), await row(tx, second)
        assert before.files is not None
        assert after.files is not None
        assert set(before.files) == {"bylaw.yaml", "rules/access.yaml", "rules/all.yaml"}
        assert before.files["bylaw.yaml"] == after.files["bylaw.yaml"]
        assert len(await tx.sources.all("main")) == 4


@pytest.mark.parametrize("is_forgotten", [False, True])
async def test_snapshot_recorded_after_another_adds_what_changed(
    store: Store, tmp_path: Path, *, is_forgotten: bool
) -> None:
    loader = house_of(tmp_path)
    first = await recorded(store, loader)
    (tmp_path / "rules" / "all.yaml").write_text(RULE.replace("Frozen", "Closed"))
    second = loader.load()
    if is_forgotten:
        async with store.write() as tx:
            await tx.snapshots.drop_files("main", [(await row(tx, first)).digest])
            await tx.sources.drop("main", await tx.sources.all("main"))

    await record(store, second, after=needed(first).digest)

    digests = {document.digest for document in needed(second).documents}
    async with store.read() as tx:
        assert await tx.documents.missing("main", digests) == frozenset()
    assert (await again(store, second)).snapshot is not None


async def test_snapshot_recorded_after_one_that_is_not_there_is_whole(
    store: Store, tmp_path: Path
) -> None:
    compiled = house_of(tmp_path).load()

    await record(store, compiled, after="0" * 64)

    assert (await again(store, compiled)).snapshot is not None


async def test_snapshot_whose_layout_alone_changed_has_the_newer_lines(
    store: Store, tmp_path: Path
) -> None:
    loader = house_of(tmp_path)
    first = await recorded(store, loader)
    (tmp_path / "rules" / "all.yaml").write_text(f"# One line more.\n{RULE}")
    await recorded(store, loader)

    found = await again(store, first)

    assert found.snapshot is not None
    assert found.snapshot.origins["freeze/no-push"].short == "rules/all.yaml:9"


async def test_no_value_of_the_environment_is_in_the_store(store: Store, tmp_path: Path) -> None:
    compiled = await recorded(store, house_of(tmp_path))

    async with store.read() as tx:
        files = (await row(tx, compiled)).files or {}
        sources = await tx.sources.of("main", files.values())
        assert compiled.snapshot is not None
        documents = [
            await tx.documents.get("main", one.digest) for one in compiled.snapshot.documents
        ]
    assert len(sources) == 3
    assert ENVIRON["KEY"].encode() not in b"".join(sources.values())
    assert ENVIRON["KEY"] not in str(documents)


async def test_secret_that_is_written_out_gets_into_no_table_and_has_no_source(
    store: Store, tmp_path: Path
) -> None:
    compiled = await recorded(store, house_of(tmp_path, server=SERVER.replace("PORT", "0")))

    async with store.read() as tx:
        assert (await row(tx, compiled)).files is None
        assert await tx.sources.all("main") == frozenset()
        assert compiled.snapshot is not None
        documents = [
            await tx.documents.get("main", one.digest) for one in compiled.snapshot.documents
        ]
    assert "hunter2" not in str(documents)
    found = await again(store, compiled)
    assert [one.code for one in found.problems] == ["no-source"]


async def test_source_that_somebody_changed_is_not_followed(store: Store, tmp_path: Path) -> None:
    compiled = await recorded(store, house_of(tmp_path))
    async with store.write() as tx:
        digest = ((await row(tx, compiled)).files or {})["rules/all.yaml"]
        await tx.sources.drop("main", [digest])
        content = RULE.replace("deny", "warn").encode()
        tx.sources.add([ArchivedSource(scope="main", digest=digest, content=content)])

    found = await again(store, compiled)

    assert [one.code for one in found.problems] == ["changed-source"]


async def test_file_that_is_lost_is_said(store: Store, tmp_path: Path) -> None:
    compiled = await recorded(store, house_of(tmp_path))
    async with store.write() as tx:
        digest = ((await row(tx, compiled)).files or {})["rules/all.yaml"]
        await tx.sources.drop("main", [digest])

    found = await again(store, compiled)

    assert [one.code for one in found.problems] == ["no-source"]


async def test_variable_that_is_not_set_any_more_is_said(store: Store, tmp_path: Path) -> None:
    compiled = await recorded(store, house_of(tmp_path, server=REFERENCES.replace(":-", "")))
    assert compiled.snapshot is not None

    found = await made_again(store, "main", compiled.snapshot.digest, environ={}, now=NOW)

    assert [one.code for one in found.problems] == ["environment"]


def rows(count: int, *, apart: timedelta) -> list[ArchivedSnapshot]:
    """Return snapshots, newest first."""
    return [
        ArchivedSnapshot(
            scope="main",
            digest=f"s{number:04}",
            documents={},
            git_commit=None,
            at=NOW - number * apart,
            files={"bylaw.yaml": f"f{number:04}"},
        )
        for number in range(count)
    ]


def test_newest_sources_are_kept_and_the_last_of_each_day() -> None:
    kept = kept_sources(rows(600, apart=timedelta(hours=1)), ("s0599",), now=NOW)

    assert {f"s{number:04}" for number in range(NEWEST_KEPT)} <= kept
    older = kept - {f"s{number:04}" for number in range(NEWEST_KEPT)}
    # 12:00 less 109 hours is 23:00 four days before, and so on.
    assert {"s0109", "s0133", "s0157", "s0599"} <= older
    assert "s0110" not in older
    assert len(older) == 22


def test_sources_of_long_ago_go() -> None:
    kept = kept_sources(rows(300, apart=timedelta(days=1)), (), now=NOW)

    assert len(kept) == max(NEWEST_KEPT, DAYS_KEPT)


async def test_forgetting_keeps_what_is_live_or_pinned(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bylaw.services.archive.NEWEST_KEPT", 1)
    monkeypatch.setattr("bylaw.services.archive.DAYS_KEPT", 0)
    snapshots = rows(5, apart=timedelta(days=1))
    shared = {"bylaw.yaml": "f0000", "rules/a.yaml": "f0004"}
    snapshots[4] = replace(snapshots[4], files=shared)
    async with store.write() as tx:
        for one in snapshots:
            tx.snapshots.add(one)
        tx.sources.add(
            ArchivedSource(scope="main", digest=f"f{number:04}", content=b"x")
            for number in range(5)
        )
        await tx.pins.put(Pin(scope="main", digest="s0003", at=NOW, by="operator:x", reason=""))

    gone = await forget(store, "main", live=["s0004"], now=NOW)

    async with store.read() as tx:
        assert gone == 2
        assert await tx.sources.all("main") == {"f0000", "f0003", "f0004"}
        assert [one.digest for one in await tx.snapshots.with_source("main")] == [
            "s0000",
            "s0003",
            "s0004",
        ]
        assert await tx.snapshots.count("main") == 5
