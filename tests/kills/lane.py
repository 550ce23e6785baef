"""One lane: rounds of calls over one store that keeps growing, each round ended by a kill."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from bylaw.app import clock
from bylaw.store.audit import GAP_WAIT
from bylaw.store.store import Store
from tests.kills.caller import mcp, once, rest, stream
from tests.kills.check import ENDED, Finding, calls_hold, store_holds
from tests.kills.cluster import Cluster, cluster
from tests.kills.deliveries import Plugs, deliveries_hold, repeats
from tests.kills.house import write_house
from tests.kills.plan import Op, Plan
from tests.kills.process import Process, ended
from tests.kills.receiver import Receiver, receiving
from tests.kills.seen import Seen, seen

# SQLite with one server and with two on a file, Postgres with one that is killed, with a database
# that is killed, and with both in turn.
LANES = ("sqlite", "two", "postgres", "database", "each")
CLIENTS = (("ana", rest), ("bob", rest), ("ana", mcp), ("bob", mcp))
# How long a round streams before the plug is pulled, and how often the next start is killed too.
SHORTEST_S, LONGEST_S = 0.05, 0.9
KILLED_AT_START = 0.1
SETTLE_S = 180.0
# After so many findings a lane ends.
MOST = 20
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
EVERYTHING = ""


@dataclass(slots=True, kw_only=True)
class Report:
    """What a lane did and found."""

    lane: str
    seed: int
    kills: int = 0
    sent: int = 0
    acknowledged: int = 0
    repeated: int = 0
    unanswered: int = 0
    unanswered_done: int = 0
    refused_done: int = 0
    effects: int = 0
    effects_twice: int = 0
    timers: int = 0
    audited: int = 0
    sealed: int = 0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Lane:
    """Some servers over one store, perhaps with the database to kill."""

    name: str
    seed: int
    receiver: Receiver
    processes: list[Process]
    database: Cluster | None = None
    # Whether a server and the database are killed in turn; else it is the database alone.
    in_turn: bool = False
    database_killed: list[float] = field(default_factory=list)
    ops: list[Op] = field(default_factory=list)
    report: Report = field(init=False)
    moment: str = ""

    def __post_init__(self) -> None:
        """Begin an empty report."""
        self.report = Report(lane=self.name, seed=self.seed)

    @property
    def store_url(self) -> str:
        """Return where the store is."""
        return self.processes[0].store_url

    async def run(self, kills: int) -> Report:
        """Pull plugs so often, then have everything settle and look at all of it."""
        begun = asyncio.get_running_loop().time()
        await asyncio.gather(*(process.start() for process in self.processes))
        number = 0
        while self.report.kills < kills and len(self.report.findings) < MOST:
            number += 1
            await self.round(number)
        await self.settle()
        self.report.seconds = round(asyncio.get_running_loop().time() - begun, 1)
        return self.report

    async def round(self, number: int) -> None:
        """Stream calls, pull a plug in the middle, start again, send keys again, and look."""
        rng = drawing(f"{self.seed}/{self.name}/{number}")
        plan = Plan(name=f"r{number:04}", rng=rng)
        since = clock.now()
        wait_s = rng.uniform(SHORTEST_S, LONGEST_S)
        clients = [
            asyncio.create_task(stream(face, self.picker(turn), actor=actor, plan=plan))
            for turn, (actor, face) in enumerate(CLIENTS)
        ]
        await until(lambda: any(op.answers for op in plan.ops), clients)
        await asyncio.sleep(wait_s)
        self.moment = f"round {number}, {wait_s:.3f} s after the first answer"
        if self.database is not None and number % 2 >= self.in_turn:
            await self.kill_database(rng, plan, clients)
        else:
            await self.kill_server(rng, clients)
        await self.repeat(plan)
        self.ops += plan.ops
        self.tell(await self.problems(plan.ops, prefix=plan.name, since=since))

    def picker(self, turn: int) -> Callable[[], str]:
        """Return what gives a client the server to go to: another one each time."""
        turns = iter(range(turn, 10**9))
        return lambda: self.processes[next(turns) % len(self.processes)].url

    async def kill_server(self, rng: random.Random, clients: list[asyncio.Task[None]]) -> None:
        """Kill a server and start it again, sometimes more than once."""
        victim = rng.choice(self.processes)
        await victim.kill()
        self.report.kills += 1
        await asyncio.sleep(0.05 if len(self.processes) == 1 else rng.uniform(0.05, 0.5))
        await cancelled(clients)
        if rng.random() < KILLED_AT_START:
            await self.kill_at_start(victim, rng)
        await victim.start()

    async def kill_at_start(self, victim: Process, rng: random.Random) -> None:
        """Kill a server again before, or just after, it is ready."""
        with suppress(TimeoutError):
            async with asyncio.timeout(rng.uniform(0.3, 2.5)):
                await victim.start()
        await victim.kill()
        self.report.kills += 1

    async def kill_database(
        self, rng: random.Random, plan: Plan, clients: list[asyncio.Task[None]]
    ) -> None:
        """Kill the database, sometimes the server too, and start them again."""
        assert self.database is not None
        end = self.database.kill if rng.random() < 0.7 else self.database.crash
        await end()
        self.database_killed.append(asyncio.get_running_loop().time())
        self.report.kills += 1
        both = rng.random() < KILLED_AT_START
        if both:
            await self.processes[0].kill()
            self.report.kills += 1
        await self.database.start()
        if both:
            await self.processes[0].start()
        done = sum(bool(op.good) for op in plan.ops)
        await until(lambda: sum(bool(op.good) for op in plan.ops) > done, clients)
        await cancelled(clients)

    async def repeat(self, plan: Plan) -> None:
        """Send every call that has a key again, whatever was told of it."""
        keyed = [op for op in plan.ops if op.key is not None]
        for actor in ("ana", "bob"):
            async with rest(self.processes[-1].url, actor) as ask:
                own = [op for op in keyed if op.actor == actor]
                for some in (own[at : at + 4] for at in range(0, len(own), 4)):
                    await asyncio.gather(*(once(ask, op) for op in some))
        self.report.repeated += len(keyed)

    async def problems(self, ops: list[Op], *, prefix: str, since: datetime) -> list[Finding]:
        """Return what does not hold in the store for these calls."""
        found = await seen(self.store_url, prefix, since)
        return [*calls_hold(ops, found), *store_holds(found)]

    def tell(self, findings: list[Finding]) -> None:
        """Keep what was found, with the moment that it needs to be tried again."""
        where = f"(lane {self.name}, seed {self.seed}, {self.moment})"
        known = {one.rpartition(" (lane ")[0] for one in self.report.findings}
        self.report.findings += [f"{one} {where}" for one in findings if str(one) not in known]

    async def settle(self) -> None:
        """Wait until nothing is under way, stop, and look at everything."""
        self.moment = "at the end"
        await self.until_quiet()
        codes = [await process.stop() for process in self.processes]
        if any(codes):
            self.report.findings.append(f"stopped with {codes}")
        found = await seen(self.store_url, EVERYTHING, BEGINNING)
        plugs = Plugs(
            processes=dict(chain.from_iterable(one.killed.items() for one in self.processes)),
            database=tuple(self.database_killed),
        )
        self.tell(
            [
                *calls_hold(self.ops, found),
                *store_holds(found),
                *deliveries_hold(found, self.receiver, plugs),
            ]
        )
        self.tell([wrong(one) for process in self.processes for one in process.mistakes()])
        self.count(found)
        await self.seal()

    async def until_quiet(self) -> None:
        """Wait until every call of a step has its end and every timer has fired."""
        until = asyncio.get_running_loop().time() + SETTLE_S
        while waiting := await self.waiting():
            if asyncio.get_running_loop().time() > until:
                self.tell([Finding(kind="lost", of=one, text="no end came") for one in waiting])
                return
            await asyncio.sleep(0.2)

    async def waiting(self) -> list[str]:
        """Return what has no end yet, each with what became of its job."""
        found = await seen(self.store_url, EVERYTHING, BEGINNING)
        effects = (row for row in found.effects if row["instance"])
        jobs = {row["payload"].get("effect"): row["status"] for row in found.jobs}
        late = [
            f"{row['id']}, {row['status']} after {row['attempts']}, job {jobs.get(row['id'])}"
            for row in effects
            if row["status"] not in ENDED
        ]
        timers = (row for row in found.timers if row["status"] == "waiting")
        return [*late, *(f"the timer of {row['instance']}" for row in timers)]

    def count(self, found: Seen) -> None:
        """Count what was there."""
        report = self.report
        report.sent = len(self.ops)
        report.acknowledged = sum(bool(op.good) for op in self.ops)
        silent = [op for op in self.ops if not op.good and not op.refused]
        report.unanswered = len(silent)
        report.unanswered_done = sum(bool(found.history_of.get(op.token)) for op in silent)
        down = [op for op in silent if op.sent == len(op.answers)]
        report.refused_done = sum(bool(found.history_of.get(op.token)) for op in down)
        report.effects = sum(self.receiver.times(row["key"]) > 0 for row in found.effects)
        report.effects_twice = repeats(self.receiver)
        report.timers = Counter(row["kind"] for row in found.history)["timer"]

    async def seal(self) -> None:
        """Seal what is left, as the server would once no number can be filled in, and verify."""
        later = clock.now() + GAP_WAIT
        async with Store.open(self.store_url) as store:
            while True:
                async with store.write() as tx:
                    if await tx.audit.seal(later) is None:
                        break
            async with store.read() as tx:
                proof = await tx.audit.verify()
        self.report.audited, self.report.sealed = proof.records, proof.seals
        if proof.broken or proof.unsealed:
            self.report.findings.append(f"the audit does not verify: {proof}")


def wrong(mistake: str) -> Finding:
    """Return the finding of an exception that a server did not expect."""
    return Finding(kind="wrong", of="its log", text=mistake)


def drawing(seed: str) -> random.Random:
    """Return what draws the same for the same seed."""
    return random.Random(seed)  # noqa: S311 - to be drawn again, not to be secret


async def until(holds: Callable[[], bool], clients: list[asyncio.Task[None]]) -> None:
    """Wait until something holds; a client that fails is told at once."""
    async with asyncio.timeout(60):
        while not holds():
            for failed in (client for client in clients if client.done()):
                failed.result()
            await asyncio.sleep(0.01)


async def cancelled(clients: list[asyncio.Task[None]]) -> None:
    """Stop the clients; one that had failed on its own says so."""
    for client in clients:
        client.cancel()
    for found in await asyncio.gather(*clients, return_exceptions=True):
        if isinstance(found, Exception):
            raise found


@asynccontextmanager
async def lane(name: str, seed: int) -> AsyncIterator[Lane]:
    """Open a lane: one of `LANES`."""
    async with AsyncExitStack() as stack:
        place = Path(stack.enter_context(TemporaryDirectory(prefix="bylaw-kills-")))
        receiver = await stack.enter_async_context(receiving(drawing(f"{seed}/receiver")))
        on_postgres = name in ("postgres", "database", "each")
        server = await stack.enter_async_context(cluster()) if on_postgres else None
        house = write_house(place / "house")
        processes = [
            Process(
                house=house,
                store_url=server.url if server is not None else f"sqlite:///{place}/bylaw.db",
                receiver_url=receiver.url,
                name=one,
                log=place / f"{one}.log",
            )
            for one in (("one", "two") if name == "two" else ("one",))
        ]
        await stack.enter_async_context(ended(*processes))
        yield Lane(
            name=name,
            seed=seed,
            receiver=receiver,
            processes=processes,
            database=server if name in ("database", "each") else None,
            in_turn=name == "each",
        )


async def run(name: str, seed: int, kills: int) -> Report:
    """Run a lane and return its report."""
    async with lane(name, seed) as opened:
        return await opened.run(kills)
