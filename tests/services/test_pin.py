"""Pinning, unpinning, listing and comparing what a store has recorded."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from bylaw.base.errors import ConfigurationError
from bylaw.base.plain import Record
from bylaw.base.redaction import Redactor
from bylaw.load.document import load_documents
from bylaw.load.house import SourceFile
from bylaw.model.archive import ArchivedDocument, ArchivedSnapshot, ArchivedSource, Pin
from bylaw.services.archive import record
from bylaw.services.comparing import Comparison, as_yaml, compare, inventory
from bylaw.services.pin import Order, Pins
from bylaw.store.store import Store
from tests.services.test_archive import compiled_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDER = Order(by="operator:ann", reason="Two are not enough.", now=NOW)
ENVIRON = {"KEY": "the-value-of-the-environment"}


def pins(store: Store) -> Pins:
    numbers = count(1)
    redactor = Redactor((), b"salt")
    return Pins(store, "main", new_id=lambda kind: f"{kind}_{next(numbers)}", redactor=redactor)


async def recorded(store: Store, day: str = "Monday", *, minutes: int = 0) -> str:
    """Record a house whose rule names a day; return its digest."""
    compiled = compiled_of(day, now=NOW + timedelta(minutes=minutes))
    await record(store, compiled)
    assert compiled.snapshot is not None
    return compiled.snapshot.digest


def row(digest: str, **documents: str) -> ArchivedSnapshot:
    return ArchivedSnapshot(
        scope="main",
        digest=digest,
        documents={f"policy/{name}": of for name, of in documents.items()},
        git_commit="c" * 40,
        at=NOW,
    )


async def put(store: Store, *rows: ArchivedSnapshot, contents: Record | None = None) -> None:
    """Record snapshots by hand, and documents by their digest."""
    async with store.write() as tx:
        for one in rows:
            tx.snapshots.add(one)
        tx.documents.add(
            ArchivedDocument(
                scope="main",
                digest=digest,
                kind=content["kind"],
                name=content["name"],
                content=content,
            )
            for digest, content in (contents or {}).items()
        )


async def refused(store: Store, word: str) -> str:
    with pytest.raises(ConfigurationError) as found:
        await pins(store).pin(word, ORDER, environ=ENVIRON)
    return str(found.value)


async def test_pin_is_written_with_who_and_why_and_audited(store: Store) -> None:
    digest = await recorded(store)

    made = await pins(store).pin(digest[:5], ORDER, environ=ENVIRON)
    await pins(store).seal(NOW)

    async with store.read() as tx:
        kept = await tx.pins.get("main")
        (told,) = await tx.audit.latest("main", kind="pin")
        report = await tx.audit.verify()
    want = Pin(scope="main", digest=digest, at=NOW, by=ORDER.by, reason=ORDER.reason)
    assert made == kept == want
    assert told.actor == "operator:ann"
    assert told.body == {"digest": digest, "by": ORDER.by, "reason": ORDER.reason}
    assert (report.seals, report.unsealed, report.broken) == (1, 0, "")


async def test_pin_in_place_of_another_names_it_in_the_audit(store: Store) -> None:
    first, second = await recorded(store), await recorded(store, "Tuesday")
    await pins(store).pin(first, ORDER, environ=ENVIRON)

    await pins(store).pin(second, ORDER, environ=ENVIRON)

    async with store.read() as tx:
        (told, _) = await tx.audit.latest("main", kind="pin")
    assert told.body["instead_of"] == first


async def test_unpin_removes_the_pin_and_is_audited(store: Store) -> None:
    digest = await recorded(store)
    await pins(store).pin(digest, ORDER, environ=ENVIRON)

    gone = await pins(store).unpin(ORDER)

    async with store.read() as tx:
        assert await tx.pins.get("main") is None
        (told,) = await tx.audit.latest("main", kind="unpin")
    assert gone.digest == told.body["digest"] == digest
    with pytest.raises(ConfigurationError, match="nothing is pinned"):
        await pins(store).unpin(ORDER)


async def test_secret_in_a_reason_is_masked_in_the_pin_and_in_the_audit(store: Store) -> None:
    digest = await recorded(store)
    token = "ghp_" + "a1B2" * 9
    order = Order(by="operator:ann", reason=f"See {token}", now=NOW)

    made = await pins(store).pin(digest, order, environ=ENVIRON)

    async with store.read() as tx:
        (told,) = await tx.audit.latest("main", kind="pin")
    assert token not in made.reason
    assert token not in str(told.body)


async def test_what_cannot_be_pinned_is_said(store: Store) -> None:
    assert "no snapshot is recorded yet" in await refused(store, "abc")
    digest = await recorded(store)
    await put(store, row("ab1" + "0" * 61), row("ab2" + "0" * 61))

    assert "`ab` is the beginning of several: `ab1" in await refused(store, "ab")
    assert "did you mean `ab1000000000`" in await refused(store, "ab1000f00")
    assert "`bylaw snapshots list` has them" in await refused(store, "zzz")
    assert "no snapshot is ``" in await refused(store, " ")
    assert "its source is not kept" in await refused(store, "ab1")
    await pins(store).pin(digest, ORDER, environ=ENVIRON)
    assert "is pinned already, since 2026-03-01T12:00:00Z by" in await refused(store, digest)


async def test_house_with_a_secret_written_out_says_where(store: Store) -> None:
    server = {"kind": "server", "name": "s", "secrets": {"KEY": "(hidden)"}}
    one = row("ab1" + "0" * 61)
    documents = {"server/s": "d1"}
    await put(
        store,
        ArchivedSnapshot(
            scope="main", digest=one.digest, documents=documents, git_commit=None, at=NOW
        ),
        contents={"d1": server},
    )

    assert "`secrets.KEY` stood written out in its `bylaw.yaml`" in await refused(store, "ab1")


async def test_snapshot_that_does_not_load_with_this_engine_is_not_pinned(store: Store) -> None:
    content = b"kind: policy\nnam: x\n"
    file = SourceFile(path="bylaw.yaml", content=content, digest="f1")
    assert load_documents(file.content, file=file.path).problems
    async with store.write() as tx:
        tx.sources.add([ArchivedSource(scope="main", digest="f1", content=content)])
        tx.snapshots.add(
            ArchivedSnapshot(
                scope="main",
                digest="ab1",
                documents={},
                git_commit=None,
                at=NOW,
                files={"bylaw.yaml": "f1"},
            )
        )

    said = await refused(store, "ab1")

    assert "does not load with this Bylaw; nothing was pinned" in said
    assert "bylaw.yaml:2:1: unknown-key" in said


async def test_variable_that_only_the_server_has_does_not_stand_in_the_way(store: Store) -> None:
    compiled = compiled_of("Monday", now=NOW, default="")
    await record(store, compiled)
    assert compiled.snapshot is not None

    made = await pins(store).pin(compiled.snapshot.digest, ORDER, environ={})

    assert made.digest == compiled.snapshot.digest


async def test_list_marks_what_is_live_pinned_and_waiting(store: Store) -> None:
    first = await recorded(store)
    second = await recorded(store, "Tuesday", minutes=1)
    before = await inventory(store, "main", 10)
    await pins(store).pin(first, ORDER, environ=ENVIRON)
    third = await recorded(store, "Wednesday", minutes=2)

    short = await inventory(store, "main", 1)
    whole = await inventory(store, "main", 10)

    assert [(one.snapshot.digest, one.is_live) for one in before.snapshots] == [
        (second, True),
        (first, False),
    ]
    # What is pinned is shown however old it is.
    assert [one.snapshot.digest for one in short.snapshots] == [third, first]
    assert short.count == 3
    marks = [(one.is_live, one.is_pinned, one.is_waiting) for one in whole.snapshots]
    assert marks == [(False, False, True), (False, False, False), (True, True, False)]
    assert whole.snapshots[2].record() == {
        "digest": first,
        "at": "2026-03-01T12:00:00Z",
        "git_commit": None,
        "documents": 3,
        "live": True,
        "pinned": True,
        "waiting": False,
        "has_source": True,
    }


def told(found: Comparison) -> dict[str, str]:
    return {one.document: one.change for one in found.changes}


async def test_diff_says_what_was_added_removed_and_changed(store: Store) -> None:
    contents = {
        "d1": {"kind": "policy", "name": "one", "rules": ["a", "b"]},
        "d2": {"kind": "policy", "name": "one", "rules": ["a", "c"]},
        "d3": {"kind": "policy", "name": "two"},
        "d4": {"kind": "policy", "name": "six"},
        "d5": {"kind": "policy", "name": "same"},
    }
    before = row("ab1", one="d1", two="d3", same="d5")
    after = row("ab2", one="d2", six="d4", same="d5")
    await put(store, before, after, contents=contents)

    found = await compare(store, "main", "ab1", after="ab2")

    assert told(found) == {
        "policy/one": "changed",
        "policy/six": "added",
        "policy/two": "removed",
    }
    assert found.changes[0].diff.splitlines() == [
        "--- policy/one ab1",
        "+++ policy/one ab2",
        "@@ -2,4 +2,4 @@",
        " name: one",
        " rules:",
        "   - a",
        "-  - b",
        "+  - c",
    ]
    assert "-name: two" in found.changes[2].diff
    assert found.record()["changes"][1]["change"] == "added"


async def test_diff_without_a_second_word_goes_to_what_is_live(store: Store) -> None:
    first = await recorded(store)
    second = await recorded(store, "Tuesday", minutes=1)
    newest = await compare(store, "main", first[:8], after=None)
    await pins(store).pin(first, ORDER, environ=ENVIRON)

    pinned = await compare(store, "main", second, after=None)
    same = await compare(store, "main", first, after=None)

    assert (newest.after.digest, pinned.after.digest) == (second, first)
    assert told(newest) == {"policy/freeze": "changed"}
    assert same.changes == ()


async def test_diff_shows_no_secret_that_an_older_bylaw_recorded(store: Store) -> None:
    contents = {
        "d1": {"kind": "server", "name": "s", "secrets": {"KEY": "hunter2"}},
        "d2": {"kind": "server", "name": "s", "secrets": {"KEY": "${KEY}"}},
    }
    await put(store, row("ab1", s="d1"), row("ab2", s="d2"), contents=contents)

    (found,) = (await compare(store, "main", "ab1", after="ab2")).changes

    assert "-  KEY: (hidden)" in found.diff
    assert "hunter2" not in found.diff


def test_content_is_written_as_a_person_would() -> None:
    shared = ["a"]
    content = {"kind": "policy", "on": "yes", "text": "one\ntwo\n", "list": shared, "more": shared}

    assert as_yaml(content).splitlines() == [
        "kind: policy",
        "'on': 'yes'",
        "text: |",
        "  one",
        "  two",
        "list:",
        "  - a",
        "more:",
        "  - a",
    ]
