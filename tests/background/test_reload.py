"""A saved house becomes live, or is rejected; what a crash or an outage left is made up for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bylaw.background.housekeeping import Housekeeping
from bylaw.base.errors import StoreUnavailable
from bylaw.compile.house import Compiled
from tests.running import Running, running
from tests.services.outside import SERVER, until, write_house

RULE = """\
kind: policy
name: freeze
description: Main is frozen.
applies: {actions: [git.push]}
rules:
  - {name: no-push, when: params.branch == "main", effect: deny, message: Frozen until DAY.}
"""


def day(name: str) -> str:
    return RULE.replace("DAY", name)


async def said(bylaw: Running) -> str:
    answer = await bylaw.ask("ana", "enforce", action="git.push", params={"branch": "main"})
    return str(answer["because"][0]["message"])


async def test_saved_file_goes_live(tmp_path: Path, sqlite_url: str) -> None:
    house = write_house(tmp_path / "house", day("Monday"))
    async with running(house, sqlite_url) as bylaw:
        before = await said(bylaw)

        (house / "rules" / "all.yaml").write_text(day("Tuesday"))

        assert before == "Frozen until Monday."
        assert await until(lambda: said(bylaw), lambda text: "Tuesday" in text)


async def test_broken_file_keeps_the_last_good_rules_and_is_told_with_its_place(
    tmp_path: Path, sqlite_url: str
) -> None:
    house = write_house(tmp_path / "house", day("Monday"))
    async with running(house, sqlite_url) as bylaw:
        (house / "rules" / "all.yaml").write_text(day("Tuesday").replace("effect", "efect"))
        await bylaw.opened.reload.once()

        health = bylaw.opened.wired.status.health()
        text = await said(bylaw)

    assert text == "Frozen until Monday."
    assert health["content"] == "stale"
    assert health["problems"][0]["at"].startswith("rules/all.yaml:6:")


async def test_mistake_in_a_test_is_logged_and_keeps_no_rule_from_going_live(
    tmp_path: Path, sqlite_url: str
) -> None:
    house = write_house(tmp_path / "house", day("Monday"))
    async with running(house, sqlite_url) as bylaw:
        wrong = "kind: test\nname: mine\ncases: [{name: one, actor: nobody, action: a}]\n"
        (house / "rules" / "all.yaml").write_text(f"{day('Tuesday')}---\n{wrong}")
        with capture_logs() as logs:
            await bylaw.opened.reload.once()

        text = await said(bylaw)

    assert text == "Frozen until Tuesday."
    told = [log["problems"] for log in logs if log["event"] == "tests of the house cannot run"]
    assert told[0][0].startswith("rules/all.yaml:")


async def test_mended_file_ends_the_report(tmp_path: Path, sqlite_url: str) -> None:
    house = write_house(tmp_path / "house", day("Monday"))
    async with running(house, sqlite_url) as bylaw:
        (house / "rules" / "all.yaml").write_text("kind: nothing\n")
        await bylaw.opened.reload.once()
        (house / "rules" / "all.yaml").write_text(day("Monday"))
        await bylaw.opened.reload.once()

        health = bylaw.opened.wired.status.health()

    assert (health["content"], "problems" in health) == ("current", False)


async def test_health_names_the_first_hundred_of_many_problems(
    tmp_path: Path, sqlite_url: str
) -> None:
    house = write_house(tmp_path / "house", day("Monday"))
    async with running(house, sqlite_url) as bylaw:
        (house / "rules" / "all.yaml").write_text("kind: nothing\n---\n" * 99)
        (house / "rules" / "more.yaml").write_text("kind: nothing\n---\n" * 99)
        await bylaw.opened.reload.once()

        health = bylaw.opened.wired.status.health()

    assert (len(health["problems"]), health["more_problems"]) == (100, 98)


async def test_load_that_crashed_is_made_up_for_without_another_save(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = write_house(tmp_path / "house", day("Monday"))
    async with running(house, sqlite_url) as bylaw:
        loader = bylaw.opened.reload._loader
        load, crashes = loader.load, [OSError("the disk is gone")]

        def unsteady(rest: Callable[[], None]) -> Compiled:
            compiled = load(rest)
            if crashes:
                raise crashes.pop()
            return compiled

        monkeypatch.setattr(loader, "load", unsteady)
        (house / "rules" / "all.yaml").write_text(day("Tuesday"))
        text = await until(lambda: said(bylaw), lambda text: "Tuesday" in text)

    assert (text, crashes) == ("Frozen until Tuesday.", [])


async def test_store_that_was_down_gets_the_live_snapshot_once_it_is_back(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = write_house(tmp_path / "house", day("Monday"))
    async with running(house, sqlite_url) as bylaw:
        store = bylaw.opened.wired.house.store
        (house / "rules" / "all.yaml").write_text(day("Tuesday"))
        with monkeypatch.context() as patched:
            patched.setattr(store._backend, "write", gone)
            await bylaw.opened.reload.once()
            during = await said(bylaw)

        await bylaw.opened.reload.catch_up()
        live = bylaw.opened.wired.house.snapshots.live
        async with store.read() as tx:
            kept = await tx.documents.missing("main", {one.digest for one in live.documents})

    assert during == "Frozen until Tuesday."
    assert not kept


async def test_secret_that_a_reload_brings_is_masked_from_then_on(
    tmp_path: Path, sqlite_url: str
) -> None:
    house = write_house(tmp_path / "house", day("Monday"))
    async with running(house, sqlite_url) as bylaw:
        redactor = bylaw.opened.wired.house.journal.redactor
        before = redactor.text("say correct-horse")
        more = '{KEY: "hunter2-hunter2", NEW: "correct-horse"}'
        text = SERVER.replace('{KEY: "hunter2-hunter2"}', more)
        (house / "bylaw.yaml").write_text(text.replace("PORT", "0"))
        await bylaw.opened.reload.once()

        after = redactor.text("say correct-horse")

    assert before == "say correct-horse"
    assert after.startswith("say [REDACTED:")


async def test_change_that_needs_a_restart_is_said(tmp_path: Path, sqlite_url: str) -> None:
    house = write_house(tmp_path / "house", day("Monday"))
    async with running(house, sqlite_url) as bylaw:
        text = SERVER.replace("PORT", "0") + "listen: {port: 9999}\n"
        (house / "bylaw.yaml").write_text(text)
        with capture_logs() as lines:
            await bylaw.opened.reload.once()

        status = bylaw.opened.wired.status.status()

    assert status["restart_for"] == ["listen"]
    assert ["listen"] in [line["changed"] for line in lines if line["event"] == "restart needed"]


async def test_reloads_are_in_the_audit(tmp_path: Path, sqlite_url: str) -> None:
    house = write_house(tmp_path / "house", day("Monday"))
    async with running(house, sqlite_url) as bylaw:
        (house / "rules" / "all.yaml").write_text("kind: nothing\n")
        await bylaw.opened.reload.once()
        wired = bylaw.opened.wired
        keeping = Housekeeping(wired.house, bylaw.opened.reload, wired.unanswered)
        await keeping.turn(0)
        async with wired.house.store.read() as tx:
            latest = await tx.audit.latest("main", limit=50)

    outcomes = [one.body["outcome"] for one in latest if one.kind == "reload"]
    assert set(outcomes) == {"live", "rejected"}


def gone() -> None:
    """Stand for a store that does not answer."""
    raise StoreUnavailable("the store does not answer")
