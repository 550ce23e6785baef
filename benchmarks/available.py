"""`get_available_actions` over 200 actions with policies, without the store and with it."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.form import Form
from benchmarks.house import NOW, snapshot_of, text
from benchmarks.peers import simpleeval_indexed
from benchmarks.policy import Request, jobs
from benchmarks.row import AHEAD, Row, Target, at_most, compared
from benchmarks.timing import AsyncCall, in_turn_async
from bylaw.adapters.http_call import HttpCaller
from bylaw.app.wiring import Wired, wire
from bylaw.model.snapshot import Snapshot
from bylaw.services.asking import Asking, begin
from bylaw.services.available import AvailableActions
from bylaw.services.caller import Caller
from bylaw.services.listing import plan_of
from bylaw.services.stepping import Stepping
from bylaw.store.store import Store

ACTIONS = 200
COUNT = 20
BY_HAND = "the same 200 pairs of rules, simpleeval, by hand"
QUERY = "the query for open instances alone"
LIMIT: Target = at_most(300, "us")


def rows(form: Form) -> list[Row]:
    """Return the rows of a listing."""
    return asyncio.run(_measured(form))


async def _measured(form: Form) -> list[Row]:
    snapshot = snapshot_of(text(jobs(2 * ACTIONS)))
    with tempfile.TemporaryDirectory() as folder:
        async with Store.open(f"sqlite:///{Path(folder)}/b.db") as store, HttpCaller() as http:
            await store.migrate()
            calls = _calls(wire(snapshot, store, http), snapshot)
            found = await in_turn_async(calls, form, count=COUNT)
    return list(_rows(found))


def _rows(found: dict[str, tuple[float, ...]]) -> Iterator[Row]:
    for what, target in (("first of a caller", None), ("every later one", LIMIT)):
        name = f"{ACTIONS} actions, decided without the store, {what}"
        ours = found[what]
        yield compared("available", name, ours=ours, target=target)
        yield compared(
            "available", name, ours=ours, beside=BY_HAND, theirs=found[BY_HAND], target=AHEAD
        )
    whole = f"{ACTIONS} actions, the whole answer, with the store"
    yield compared("available", whole, ours=found["whole"], beside=QUERY, theirs=found[QUERY])


def _calls(wired: Wired, snapshot: Snapshot) -> dict[str, AsyncCall]:
    """Return what is timed: rules that read only the call are remembered for a caller."""
    caller = Caller(
        actor=snapshot.server.local, scope="main", endpoint="bench", correlation_id="req_b"
    )
    asking = begin(caller, snapshot, {}, NOW)
    assert isinstance(asking, Asking)
    plan = plan_of(asking)
    listing = AvailableActions(wired.house, Stepping(wired.house.definitions))

    async def first() -> None:
        assert len(await plan_of(asking).options(None, asking)) >= ACTIONS

    async def later() -> None:
        assert len(await plan.options(None, asking)) >= ACTIONS

    async def whole() -> None:
        assert await listing(asking, {})

    async def query() -> None:
        async with wired.house.store.read() as tx:
            await tx.instances.open_of("main", limit=20)

    return {
        "first of a caller": first,
        "every later one": later,
        "whole": whole,
        BY_HAND: _by_hand(),
        QUERY: query,
    }


def _by_hand() -> AsyncCall:
    """Return 200 decisions of simpleeval, which is asked for each action."""
    every = jobs(2 * ACTIONS)
    decide = simpleeval_indexed.load(every)
    asked: list[Request] = [
        {"action": job.name, "role": "dev", "branch": "feature", "amount": 1} for job in every
    ]

    async def all_of() -> None:
        assert len([decide(request) for request in asked]) == ACTIONS

    return all_of
