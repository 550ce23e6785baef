"""`get_available_actions` over 200 actions with policies, beside the least query it makes."""

import tempfile
from pathlib import Path

from benchmarks.house import NOW, snapshot_of, text
from benchmarks.timing import Row, median_async_us
from bylaw.adapters.http_call import HttpCaller
from bylaw.app.wiring import Wired, wire
from bylaw.model.snapshot import Snapshot
from bylaw.services.asking import Asking, begin
from bylaw.services.available import AvailableActions
from bylaw.services.caller import Caller
from bylaw.services.stepping import Stepping
from bylaw.store.store import Store

ACTIONS = 200
NUMBER = 100


async def rows() -> list[Row]:
    """Return the rows of a listing: the first of a caller, and every later one."""
    snapshot = snapshot_of(text(2 * ACTIONS))
    with tempfile.TemporaryDirectory() as folder:
        async with Store.open(f"sqlite:///{Path(folder)}/b.db") as store, HttpCaller() as http:
            await store.migrate()
            wired = wire(snapshot, store, http)
            return await _rows(wired, snapshot)


async def _rows(wired: Wired, snapshot: Snapshot) -> list[Row]:
    caller = Caller(
        actor=snapshot.server.local, scope="main", endpoint="bench", correlation_id="req_b"
    )
    asking = begin(caller, snapshot, {}, NOW)
    assert isinstance(asking, Asking)
    listing = AvailableActions(wired.house, Stepping(wired.house.definitions))

    async def later(_turn: int) -> None:
        assert await listing(asking, {})

    async def first(_turn: int) -> None:
        assert await AvailableActions(wired.house, Stepping(wired.house.definitions))(asking, {})

    async def query(_turn: int) -> None:
        async with wired.house.store.read() as tx:
            await tx.instances.open_of("main", limit=20)

    beside = await median_async_us(query, number=NUMBER)
    found = {
        f"available actions, {ACTIONS}, first": await median_async_us(first, number=20),
        f"available actions, {ACTIONS}": await median_async_us(later, number=NUMBER),
    }
    return [
        Row(what=what, ours_us=ours, beside="the query for open instances", theirs_us=beside)
        for what, ours in found.items()
    ]
