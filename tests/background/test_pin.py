"""What is pinned is live, whatever the files say, now and after a restart."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bylaw.app import clock
from bylaw.app.lifespan import opened
from bylaw.background.housekeeping import Housekeeping
from bylaw.background.pin import Pinning, pin_at_start
from bylaw.background.reload import Loader
from bylaw.base.errors import ConfigurationError, ContentError
from bylaw.model.archive import Pin
from bylaw.model.snapshot import Snapshot
from bylaw.services.answer import Answer
from bylaw.store.store import Store
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
REFERENCES = SERVER.replace('"hunter2-hunter2"', '"${KEY:-}"').replace("PORT", "0")
BROKEN = "kind: nothing\n"


def house_of(folder: Path, day: str, *, server: str = REFERENCES) -> Path:
    write_house(folder, RULE.replace("DAY", day))
    (folder / "bylaw.yaml").write_text(server)
    return folder


def save(house: Path, text: str) -> None:
    (house / "rules" / "all.yaml").write_text(text)


async def saved(bylaw: Running, day: str, *, above: str = "") -> str:
    """Save another day, wait until it is read, and return the digest of what the files say."""
    house = bylaw.opened.wired.house

    async def newest() -> Snapshot | None:
        return house.snapshots.newest.snapshot if house.snapshots.newest else None

    def is_read(found: Snapshot | None) -> bool:
        rules = found.documents if found is not None else ()
        return any(f"until {day}." in str(one.plain()) for one in rules)

    save(bylaw.root, above + RULE.replace("DAY", day))
    found = await until(newest, is_read)
    assert found is not None
    return found.digest


async def rejected_health(bylaw: Running) -> Answer:
    """Save what does not load, and return what health says of it."""

    async def told() -> Answer:
        return health(bylaw)

    save(bylaw.root, BROKEN)
    return await until(told, lambda answer: answer["content"] == "stale")


async def reason(bylaw: Running) -> tuple[str, str]:
    """Return what stands in the way of a push, and where it is written."""
    answer = await bylaw.ask("ana", "enforce", action="git.push", params={"branch": "main"})
    because = answer["because"][0]
    return str(because["message"]), str(because["at"])


async def day(bylaw: Running) -> str:
    return (await reason(bylaw))[0].removeprefix("Frozen until ").removesuffix(".")


async def pin(store: Store, digest: str) -> Pin:
    made = Pin(
        scope="main", digest=digest, at=clock.now(), by="operator:ann", reason="It was better."
    )
    async with store.write() as tx:
        await tx.pins.put(made)
    return made


async def unpin(store: Store) -> None:
    async with store.write() as tx:
        await tx.pins.remove("main")


def store_of(bylaw: Running) -> Store:
    return bylaw.opened.wired.house.store


def live(bylaw: Running) -> str:
    return bylaw.opened.wired.house.snapshots.live.digest


def health(bylaw: Running) -> Answer:
    return bylaw.opened.wired.status.health()


@asynccontextmanager
async def started(house: Path, store_url: str) -> AsyncIterator[Running]:
    """Start over files that may be broken."""
    loader = Loader(house, {}, clock.now)
    async with opened(loader, loader.load(), store_url=store_url) as found:
        yield Running(opened=found, root=house)


async def look(bylaw: Running) -> None:
    await Pinning(bylaw.opened.wired.house, {}).look()


async def test_every_running_server_follows_a_pin_and_its_end(
    tmp_path: Path, store_url: str
) -> None:
    one, two = house_of(tmp_path / "one", "Monday"), house_of(tmp_path / "two", "Tuesday")
    async with running(one, store_url) as first, running(two, store_url) as second:
        before = [await day(first), await day(second)]

        await pin(store_of(first), live(first))
        pinned = await until(lambda: day(second), lambda text: text == "Monday")
        kept = await day(first)

        await unpin(store_of(first))
        after = await until(lambda: day(second), lambda text: text == "Tuesday")

    assert before == ["Monday", "Tuesday"]
    assert (pinned, kept, after) == ("Monday", "Monday", "Tuesday")


async def test_saves_behind_a_pin_are_checked_recorded_and_told(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with running(house_of(tmp_path, "Monday"), sqlite_url) as bylaw:
        monday = live(bylaw)
        await pin(store_of(bylaw), monday)
        await look(bylaw)
        tuesday = await saved(bylaw, "Tuesday")
        waiting = health(bylaw)
        rejected = await rejected_health(bylaw)
        during = await day(bylaw)
        async with store_of(bylaw).read() as tx:
            recorded = await tx.snapshots.digests("main")
        await unpin(store_of(bylaw))
        await look(bylaw)
        after = await day(bylaw)

    assert (during, after) == ("Monday", "Tuesday")
    assert set(recorded) == {monday, tuesday}
    assert waiting["content"] == "pinned"
    assert waiting["pinned"]["waiting"] == tuesday
    assert "waiting behind the pin" in waiting["summary"]
    assert rejected["content"] == "stale"
    assert rejected["problems"][0]["at"].startswith("rules/all.yaml:1:")
    assert rejected["pinned"]["waiting"] == tuesday


async def test_health_and_status_say_since_when_by_whom_and_why(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with running(house_of(tmp_path, "Monday"), sqlite_url) as bylaw:
        with capture_logs() as logs:
            made = await pin(store_of(bylaw), live(bylaw))
            await look(bylaw)
        answers = [health(bylaw), bylaw.opened.wired.status.status()]

    since = made.at.isoformat(timespec="seconds").replace("+00:00", "Z")
    want = {
        "digest": made.digest,
        "since": since,
        "by": "operator:ann",
        "reason": "It was better.",
    }
    assert [one["pinned"] for one in answers] == [want, want]
    sentence = f"`{made.digest[:12]}` is pinned since {since} by operator:ann: It was better."
    assert all(sentence in one["summary"] for one in answers)
    told = next(one for one in logs if one["event"] == "house pinned")
    assert (told["by"], told["reason"]) == ("operator:ann", "It was better.")


async def test_restart_over_broken_files_keeps_the_pin_and_its_lines(
    tmp_path: Path, store_url: str
) -> None:
    house = house_of(tmp_path, "Monday")
    async with running(house, store_url) as bylaw:
        await pin(store_of(bylaw), live(bylaw))
        await look(bylaw)
        await saved(bylaw, "Tuesday", above="# One line more.\n")
    for broken in (house / "bylaw.yaml", house / "rules" / "all.yaml"):
        broken.write_text("kind: [\n")

    async with started(house, store_url) as bylaw:
        pinned = await reason(bylaw)
        told = health(bylaw)
        await unpin(store_of(bylaw))
        await look(bylaw)
        newest = await reason(bylaw)
        after = health(bylaw)

    assert pinned == ("Frozen until Monday.", "rules/all.yaml:6")
    assert (told["content"], "pinned" in told) == ("stale", True)
    # Nothing of this process ever was good: what good files said last is in the store.
    assert newest == ("Frozen until Tuesday.", "rules/all.yaml:7")
    assert (after["content"], "pinned" in after) == ("stale", False)


async def test_restart_over_changed_files_keeps_the_pin(tmp_path: Path, sqlite_url: str) -> None:
    house = house_of(tmp_path, "Monday")
    async with running(house, sqlite_url) as bylaw:
        monday = await pin(store_of(bylaw), live(bylaw))
    save(house, RULE.replace("DAY", "Tuesday"))

    async with started(house, sqlite_url) as bylaw:
        during = await day(bylaw)
        waits = health(bylaw)["pinned"].get("waiting")
        async with store_of(bylaw).read() as tx:
            newest = (await tx.snapshots.digests("main"))[0]
        await unpin(store_of(bylaw))
        await look(bylaw)
        after = await day(bylaw)

    assert (during, after) == ("Monday", "Tuesday")
    assert waits == newest != monday.digest


async def test_broken_files_without_a_pin_are_refused_as_ever(
    tmp_path: Path, sqlite_url: str
) -> None:
    house = house_of(tmp_path, "Monday")
    async with running(house, sqlite_url):
        pass
    save(house, BROKEN)

    with pytest.raises(ContentError, match="`nothing` is not a kind"):
        async with started(house, sqlite_url):
            pass


async def test_refused_start_makes_no_store(tmp_path: Path) -> None:
    house = house_of(tmp_path / "house", "Monday")
    save(house, BROKEN)

    with pytest.raises(ContentError):
        async with started(house, f"sqlite:///{tmp_path}/new/bylaw.db"):
            pass

    assert not (tmp_path / "new").exists()


async def test_pin_that_does_not_load_keeps_what_is_live_and_says_so(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with running(house_of(tmp_path, "Monday"), sqlite_url) as bylaw:
        monday = live(bylaw)
        await saved(bylaw, "Tuesday")
        async with store_of(bylaw).write() as tx:
            await tx.snapshots.drop_files("main", [monday])
        with capture_logs() as logs:
            await pin(store_of(bylaw), monday)
            await look(bylaw)
        await saved(bylaw, "Wednesday")
        during, told = await day(bylaw), health(bylaw)

        await unpin(store_of(bylaw))
        await look(bylaw)
        after = await day(bylaw)

    assert (during, after) == ("Tuesday", "Wednesday")
    assert told["content"] == "stale"
    assert told["pinned"]["problems"][0]["code"] == "no-source"
    assert "It does not load" in told["summary"]
    assert {one["log_level"] for one in logs if one["event"] == "pin not followed"} == {"error"}


async def test_start_with_a_pin_that_does_not_load_is_refused_with_its_problems(
    tmp_path: Path, sqlite_url: str
) -> None:
    house = house_of(tmp_path, "Monday", server=REFERENCES.replace(":-", ""))
    loader = Loader(house, {"KEY": "the-value-it-has"}, clock.now)
    async with opened(loader, loader.load(), store_url=sqlite_url) as found:
        await pin(found.wired.house.store, found.wired.house.snapshots.live.digest)
    (house / "bylaw.yaml").write_text(REFERENCES)

    with pytest.raises(ConfigurationError, match=r"`KEY` is not set(?s:.*)bylaw snapshots unpin"):
        async with started(house, sqlite_url):
            pass


async def test_pin_changes_nothing_of_where_the_process_listens(
    tmp_path: Path, sqlite_url: str
) -> None:
    other = "listen: {port: 9999}\nstore: {url: 'sqlite:///other.db'}\n"
    house = house_of(tmp_path, "Monday", server=f"{REFERENCES}{other}")
    async with running(house, sqlite_url) as bylaw:
        await pin(store_of(bylaw), live(bylaw))
    (house / "bylaw.yaml").write_text(f"{REFERENCES}listen: {{port: 7777}}\nnam: x\n")

    async with started(house, sqlite_url) as bylaw:
        snapshots = bylaw.opened.wired.house.snapshots
        server, asked = snapshots.live.server, snapshots.restart_for

    assert (server.port, asked) == (7777, ())


async def test_pins_that_servers_follow_are_in_the_audit(tmp_path: Path, sqlite_url: str) -> None:
    async with running(house_of(tmp_path, "Monday"), sqlite_url) as bylaw:
        wired = bylaw.opened.wired
        await pin(store_of(bylaw), live(bylaw))
        await look(bylaw)
        await saved(bylaw, "Tuesday")
        await unpin(store_of(bylaw))
        await look(bylaw)
        await Housekeeping(wired.house, bylaw.opened.reload, wired.unanswered).turn(0)
        async with store_of(bylaw).read() as tx:
            latest = await tx.audit.latest("main", kind="reload")

    # Two looked for the pin, the server and this test.
    outcomes = dict.fromkeys(one.body["outcome"] for one in reversed(latest))
    assert list(outcomes) == ["live", "pinned", "waiting", "unpinned"]


async def test_store_that_is_down_at_the_start_holds_up_good_files_only(tmp_path: Path) -> None:
    house = house_of(tmp_path, "Monday")
    good = Loader(house, {}, clock.now).load()
    save(house, BROKEN)
    bad = Loader(house, {}, clock.now).load()

    async with Store.open("postgresql://nobody@127.0.0.1:1/none") as store:
        found = await pin_at_start(store, good)
        with pytest.raises(ContentError):
            await pin_at_start(store, bad)

    assert found is None
