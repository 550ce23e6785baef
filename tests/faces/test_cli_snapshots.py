"""`bylaw snapshots`: over the store itself, whether the house loads or not."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bylaw.faces.cli.main import main
from bylaw.services.archive import record
from bylaw.store.store import Store
from tests.services.test_archive import compiled_of
from tests.store.test_migration import set_back

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a house that does not load, and whose store is in its folder."""
    (tmp_path / "bylaw.yaml").write_text("kind: server\nname: s\nnam: x\nactors: {\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BYLAW_STORE_URL", raising=False)
    return tmp_path


async def _recorded() -> list[str]:
    async with Store.open("sqlite:///.bylaw/bylaw.db") as store:
        await store.migrate()
        digests = []
        for number, day in enumerate(("Monday", "Tuesday")):
            compiled = compiled_of(day, now=NOW + number * timedelta(minutes=1))
            await record(store, compiled)
            assert compiled.snapshot is not None
            digests.append(compiled.snapshot.digest)
        return digests


@pytest.fixture
def digests() -> list[str]:
    """Record two snapshots, and give their digests, the newer one last."""
    return asyncio.run(_recorded())


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Run `bylaw snapshots` and return its code and all that it printed."""
    capsys.readouterr()
    code = main(["snapshots", *words])
    printed = capsys.readouterr()
    return code, printed.out + printed.err


def read(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """Run `bylaw snapshots … --json` and return what it printed."""
    code, text = said(capsys, *words, "--json")
    assert code == 0
    return json.loads(text)


def test_list_pin_and_unpin_of_a_house_that_does_not_load(
    digests: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    monday, tuesday = digests

    before = said(capsys, "list")
    pinned = said(capsys, "pin", monday[:8], "--reason", "Two are not enough.")
    during = said(capsys, "list")
    unpinned = said(capsys, "unpin")
    after = read(capsys, "list")

    assert before[0] == 0
    assert before[1].splitlines() == [
        f"{tuesday[:12]}  2026-03-01T12:01:00Z  -               3 documents  live",
        f"{monday[:12]}  2026-03-01T12:00:00Z  -               3 documents",
    ]
    assert pinned[0] == unpinned[0] == 0
    assert pinned[1].startswith(f"Pinned {monday[:12]}. Running servers")
    assert "live, pinned\n" in during[1]
    assert "waiting behind the pin\n" in during[1]
    assert during[1].endswith(": Two are not enough.\n")
    assert unpinned[1].startswith(f"Unpinned {monday[:12]}; ")
    assert (after["pin"], after["count"]) == (None, 2)


def test_list_shows_as_many_as_are_asked_for(
    digests: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    _, text = said(capsys, "list", "--limit", "1")

    assert text.splitlines()[1:] == ["… and 1 more; `--limit 2` shows them."]
    assert said(capsys, "list", "--limit", "0")[0] == 2
    assert said(capsys, "list", "--limit", "x")[0] == 2


def test_diff_shows_the_lines_that_changed(
    digests: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = said(capsys, "diff", digests[0])
    told = read(capsys, "diff", digests[0], digests[1])

    assert code == 0
    assert text.splitlines()[1:5] == [
        "  changed  policy/freeze",
        "",
        f"--- policy/freeze {digests[0][:12]}",
        f"+++ policy/freeze {digests[1][:12]}",
    ]
    assert "-    message: Monday, é." in text
    assert "+    message: Tuesday, é." in text
    assert (told["from"], told["to"]) == tuple(digests)
    assert [one["document"] for one in told["changes"]] == ["policy/freeze"]
    assert "say the same" in said(capsys, "diff", digests[1])[1]


def test_pin_that_cannot_be_is_refused_with_code_1(
    digests: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    typo = digests[0][:9] + "zz"

    assert said(capsys, "pin", typo) == (
        1,
        f"bylaw: no snapshot is `{typo}`; did you mean `{digests[0][:12]}`?\n",
    )
    assert said(capsys, "unpin")[0] == 1
    assert said(capsys, "pin", digests[0], "--reason", "one\ntwo")[0] == 1
    assert said(capsys, "pin", digests[0], "--reason", "x" * 501)[0] == 1
    assert said(capsys, "pin")[0] == 2
    assert said(capsys)[0] == 2


def test_no_store_is_said_and_none_is_made(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "list") == (1, "bylaw: there is no store yet; `bylaw serve` makes one\n")
    assert not (house / ".bylaw").exists()


def test_store_without_snapshots_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    async def made() -> None:
        async with Store.open("sqlite:///.bylaw/bylaw.db") as store:
            await store.migrate()

    asyncio.run(made())

    assert said(capsys, "list")[1].startswith("No snapshot is recorded yet")
    assert said(capsys, "diff", "abc")[0] == 1


def test_store_of_an_older_bylaw_is_left_as_it_is(
    digests: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    async def aged() -> None:
        async with Store.open("sqlite:///.bylaw/bylaw.db") as store:
            await set_back(store)

    asyncio.run(aged())

    code, text = said(capsys, "list")

    assert (code, "of an older Bylaw" in text) == (1, True)


def test_store_that_bylaw_yaml_names_is_found_though_the_rest_is_wrong(
    house: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = 'kind: server\nname: s\nnam: x\nstore: {url: "sqlite:///${PLACE}.db"}\n'
    (house / "bylaw.yaml").write_text(text)

    without = said(capsys, "list")
    monkeypatch.setenv("PLACE", "elsewhere")
    asyncio.run(_elsewhere())
    found = said(capsys, "list", "--house", str(house))

    assert (without[0], "names a variable for the store" in without[1]) == (1, True)
    assert found[0] == 0


async def _elsewhere() -> None:
    async with Store.open("sqlite:///elsewhere.db") as store:
        await store.migrate()
