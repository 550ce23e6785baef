"""What recurs: decisions are written in batches, sealed, and one bad record holds up no other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bylaw.background.housekeeping import Housekeeping
from bylaw.base.errors import StoreUnavailable
from bylaw.model.audit import AuditRecord
from tests.running import Running
from tests.services.outside import small, until

RULE = """\
kind: policy
name: any
description: Anything may be pushed.
applies: {actions: [git.push]}
rules:
  - {name: push, effect: allow}
"""


@pytest.fixture
async def bylaw(tmp_path: Path, store_url: str) -> AsyncIterator[Running]:
    """Give a house with one rule."""
    async with small(tmp_path / "house", RULE, store_url=store_url) as found:
        yield found


async def asked(bylaw: Running, branch: str) -> str:
    answer = await bylaw.ask("ana", "enforce", action="git.push", params={"branch": branch})
    return str(answer["decision"])


async def kept(bylaw: Running, decision: str) -> AuditRecord:
    """Wait until a decision is in the audit."""

    async def look() -> AuditRecord | None:
        async with bylaw.opened.wired.house.store.read() as tx:
            return await tx.audit.get("main", decision)

    found = await until(look, lambda record: record is not None)
    assert found is not None
    return found


async def test_decisions_are_written_without_anybody_asking(bylaw: Running) -> None:
    found = await kept(bylaw, await asked(bylaw, "x"))

    assert (found.action, found.body["outcome"]) == ("git.push", "allowed")


async def test_record_that_no_database_keeps_holds_up_no_other(bylaw: Running) -> None:
    house = bylaw.opened.wired.house
    body = {"text": "a\x00b"}
    house.journal.add(house.journal.happening("reload", "rel_bad", body, now=house.clock()))
    good = await asked(bylaw, "x")

    assert (await kept(bylaw, "rel_bad")).body == {"unstorable": True}
    assert (await kept(bylaw, good)).body["params"]["branch"] == "x"


async def test_decisions_wait_for_a_store_that_is_down(
    bylaw: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = bylaw.opened.wired.house

    def gone() -> None:
        raise StoreUnavailable("the store does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(house.store._backend, "write", gone)
        decision = await asked(bylaw, "x")
        with pytest.raises(StoreUnavailable):
            await house.journal.flush()

    assert (await kept(bylaw, decision)).id == decision


async def test_last_turn_writes_and_seals_what_waits(bylaw: Running) -> None:
    wired = bylaw.opened.wired
    decision = await asked(bylaw, "x")

    await Housekeeping(wired.house, bylaw.opened.reload, wired.unanswered).turn(0)

    async with wired.house.store.read() as tx:
        found = await tx.audit.get("main", decision)
    assert found is not None
