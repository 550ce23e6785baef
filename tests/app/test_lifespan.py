"""Opening and closing a whole Bylaw, and what happens when parts of it are not there."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bylaw.app import clock
from bylaw.app.lifespan import opened
from bylaw.background.reload import Loader
from bylaw.base.errors import ContentError, StoreUnavailable
from bylaw.model.effect import EffectStatus
from tests.running import running
from tests.services.outside import Outside, listening, until, write_house

MAIL = """\
kind: action
name: mail.send
description: Tell somebody.
http: {url: "${outside}/mail", timeout: 30s}
---
kind: workflow
name: letter
description: One letter.
key: ${name}
inputs: {name: {type: string}}
start: {who: [dev], do: [{action: mail.send}]}
initial: open
states:
  open: {actions: {stay: {}}}
"""


@pytest.fixture
def outside() -> Iterator[Outside]:
    """Give a server to call."""
    with listening() as found:
        yield found


async def test_house_with_mistakes_does_not_start_and_names_them(tmp_path: Path) -> None:
    house = write_house(tmp_path / "house", "kind: policy\nnam: x\n")
    loader = Loader(house, {}, clock.now)

    with pytest.raises(ContentError, match=r"rules/all.yaml:2:1: unknown-key: `nam`"):
        async with opened(loader, loader.load()):
            pass


async def test_server_keeps_its_store_in_the_house(tmp_path: Path) -> None:
    loader = Loader(write_house(tmp_path / "house", MAIL), {}, clock.now)

    async with opened(loader, loader.load()):
        assert (tmp_path / "house" / ".bylaw" / "bylaw.db").is_file()


async def test_file_that_is_saved_during_the_start_is_noticed(
    tmp_path: Path, sqlite_url: str
) -> None:
    house = write_house(tmp_path / "house", MAIL)
    loader = Loader(house, {}, clock.now)
    compiled = loader.load()
    (house / "rules" / "all.yaml").write_text(MAIL.replace("One letter.", "Two letters."))

    async with opened(loader, compiled, store_url=sqlite_url) as found:
        snapshots = found.wired.house.snapshots

        async def look() -> str:
            return snapshots.live.workflows["letter"].description

        text = await until(look, lambda text: text != "One letter.")

    assert text == "Two letters."


async def test_end_waits_for_a_call_that_is_under_way(
    tmp_path: Path, store_url: str, outside: Outside
) -> None:
    house = write_house(tmp_path / "house", MAIL, port=outside.port)
    outside.open.clear()

    async def heard() -> int:
        return len(outside.heard)

    async with running(house, store_url) as bylaw:
        await bylaw.run("ana", "letter.start", params={"name": "x"})
        await until(heard, bool)
        asyncio.get_running_loop().call_later(0.2, outside.open.set)

    async with running(house, store_url) as later, later.opened.wired.house.store.read() as tx:
        (effect,) = await tx.effects.of_instance("main", "letter:x")
    assert effect.status is EffectStatus.DONE


async def test_end_does_not_wait_longer_than_it_may(
    tmp_path: Path, store_url: str, outside: Outside
) -> None:
    house = write_house(tmp_path / "house", MAIL, port=outside.port)
    loader = Loader(house, {}, clock.now)
    outside.open.clear()

    async def heard() -> int:
        return len(outside.heard)

    async with asyncio.timeout(15):
        async with opened(loader, loader.load(), store_url=store_url, shutdown_s=0) as found:
            async with running(house, store_url) as bylaw:
                await bylaw.run("ana", "letter.start", params={"name": "x"})
                await until(heard, bool)
                outside.open.set()
            assert not found.stop.is_set()

    assert found.stop.is_set()


async def test_health_says_when_the_store_does_not_answer(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = write_house(tmp_path / "house", MAIL)
    async with running(house, sqlite_url) as bylaw:
        status = bylaw.opened.wired.status

        def gone() -> None:
            raise StoreUnavailable("the store does not answer")

        with monkeypatch.context() as patched:
            patched.setattr(bylaw.opened.wired.house.store._backend, "read", gone)
            await status.look()
            during = status.health()
        await status.look()
        after = status.health()

    assert (during["ready"], after["ready"]) == (False, True)
