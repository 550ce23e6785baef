"""`get_available_actions` over 200 actions with policies, without the store and with it."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

from benchmarks.form import Form
from benchmarks.house import NOW, snapshot_of, text
from benchmarks.peers import simpleeval_indexed
from benchmarks.policy import Request, jobs
from benchmarks.row import Row, Target, at_most, compared
from benchmarks.timing import Call, in_turn, in_turn_async
from bylaw.adapters.http_call import HttpCaller
from bylaw.app.wiring import wire
from bylaw.model.snapshot import Snapshot
from bylaw.services.asking import Asking, begin
from bylaw.services.available import AvailableActions
from bylaw.services.caller import Caller
from bylaw.services.listing import Plan, plan_of
from bylaw.services.stepping import Stepping
from bylaw.store.store import Store

T = TypeVar("T")
ACTIONS = 200
COUNT = 20
EVERY = jobs(2 * ACTIONS)
BY_HAND = "the same 200 pairs of rules, simpleeval, by hand"
QUERY = "the query for open instances alone"
LIMIT = at_most(300, "us")
TARGETS: dict[str, Target | None] = {
    "first of a caller": None,
    "later": LIMIT,
    "rules on the session, anew": LIMIT,
}


def rows(form: Form) -> Iterator[Row]:
    """Give the rows without the store, and of the whole answer."""
    steady = snapshot_of(text(EVERY))
    with_session = text(EVERY).replace("params.role", 'session.mode != "-" and params.role')
    fickle = snapshot_of(with_session)
    yield from decided(asking_of(steady), asking_of(fickle), form)
    yield asyncio.run(answered(steady, form))


def decided(steady: Asking, fickle: Asking, form: Form) -> Iterator[Row]:
    """Give the rows of the decisions: those on the call alone are remembered for a caller."""
    plan, anew = plan_of(steady), plan_of(fickle)
    calls: dict[str, Call] = {
        "first of a caller": lambda: listed(plan_of(steady), steady),
        "later": lambda: listed(plan, steady),
        "rules on the session, anew": lambda: listed(anew, fickle),
        BY_HAND: by_hand(),
    }
    found = in_turn(calls, form)
    for name, target in TARGETS.items():
        what = f"{ACTIONS} decided, {name}"
        ours = found[name]
        theirs = found[BY_HAND]
        yield compared("available", what, ours=ours, beside=BY_HAND, theirs=theirs, target=target)


async def answered(snapshot: Snapshot, form: Form) -> Row:
    """Return the row of the whole answer, with the open instances of the store."""
    asking = asking_of(snapshot)
    with tempfile.TemporaryDirectory() as folder:
        async with Store.open(f"sqlite:///{Path(folder)}/b.db") as store, HttpCaller() as http:
            await store.migrate()
            house = wire(snapshot, store, http).house
            listing = AvailableActions(house, Stepping(house.definitions))

            async def whole() -> None:
                assert await listing(asking, {})

            async def query() -> None:
                async with store.read() as tx:
                    await tx.instances.open_of("main", limit=20)

            calls = {"whole": whole, QUERY: query}
            found = await in_turn_async(calls, form, count=COUNT)
    return compared(
        "available",
        f"{ACTIONS}, the whole answer, with the store",
        ours=found["whole"],
        beside=QUERY,
        theirs=found[QUERY],
        target=LIMIT,
    )


def asking_of(snapshot: Snapshot) -> Asking:
    """Return a call of the local caller."""
    caller = Caller(
        actor=snapshot.server.local, scope="main", endpoint="bench", correlation_id="req_b"
    )
    asking = begin(caller, snapshot, {}, NOW)
    assert isinstance(asking, Asking)
    return asking


def listed(plan: Plan, asking: Asking) -> None:
    """List without the store: nothing is waited for."""
    options = finished(lambda: plan.options(None, asking))
    assert len(options) >= ACTIONS
    assert not any(option.blocked for option in options)


def finished(begin: Callable[[], Awaitable[T]]) -> T:
    """Return the outcome of what waits for nothing."""
    try:
        begin().__await__().send(None)
    except StopIteration as done:
        found: T = done.value
        return found
    raise AssertionError("it waits")


def by_hand() -> Call:
    """Return 200 decisions of simpleeval, which is asked for each action."""
    decide = simpleeval_indexed.load(EVERY)
    asked: list[Request] = [
        {"action": job.name, "role": "dev", "branch": "feature", "amount": 1} for job in EVERY
    ]
    return lambda: [decide(request) for request in asked]
