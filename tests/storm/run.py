"""A storm of saves on a server that steady callers use, and what became of the calls.

Calm, decoy and storm take turns, so that a machine that gets slower or faster in between
touches all alike. In a calm turn nothing is saved; in a decoy turn the same things are saved to
a house that nobody serves, and the same questions are asked for as long: what the saver takes
of the machine shows there, and not as a cost of the reload.
"""

import json
import subprocess
import sys
import time
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.running import copy_of_shipped
from tests.scenario.server import TOKENS, Server, free_port, wait_for
from tests.storm.saving import Saved, Saver, fill

PATIENCE_S = 20.0
LOOKS_EVERY_S = 0.01
WHO = "claude"
TURNS = ("calm", "decoy", "storm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One call: its face, when it was due, how long it took, and what was wrong with it."""

    face: str
    due: float
    took: float
    wrong: str


@dataclass(slots=True, kw_only=True)
class Storm:
    """What happened: the turns as kind, begin and end; the saves; the calls."""

    turns: list[tuple[str, float, float]] = field(default_factory=list)
    saves: list[tuple[Saved, float]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    calls: list[Told] = field(default_factory=list)
    memory_mb: list[int] = field(default_factory=list)

    @property
    def failed(self) -> list[Told]:
        """Return the calls that did not get the answer they had to get."""
        return [call for call in self.calls if call.wrong]

    def took(self, kind: str, face: str = "") -> list[list[float]]:
        """Return how long the calls took, sorted, for each turn of a kind in which they were due.

        Without a face it is those of all but the command line, which is a process each time.
        """
        calls = sorted(
            (call.due, call.took)
            for call in self.calls
            if call.face == face or (not face and call.face != "cli")
        )
        return [
            sorted(took for _, took in calls[bisect(calls, (begin,)) : bisect(calls, (end,))])
            for turn, begin, end in self.turns
            if turn == kind
        ]


@dataclass(kw_only=True)
class Logged(Server):
    """A server whose log goes to a file: a pipe that nobody reads would stop it."""

    more: Mapping[str, str]

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.house.parent / "log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bylaw", "serve"],
                env={**self.environ, **self.more},
                cwd=self.house,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )
        wait_for(self.port, self.process)


@contextmanager
def stormy(
    folder: Path, store_url: str, *, seed: int, environ: Mapping[str, str], files: int = 0
) -> Iterator[tuple["Asked", Saver]]:
    """Serve a house that is ready to be saved to, and end the server in the end."""
    saver = Saver(house=copy_of_shipped(folder / "house"), seed=seed)
    fill(saver.house, files)
    server = Logged(
        house=saver.house,
        store_url=store_url,
        port=free_port(),
        ci_port=free_port(),
        more=environ,
    )
    server.start()
    asked = Asked(server)
    try:
        yield asked, saver
    finally:
        asked.close()
        server.kill()


class Asked:
    """A running server, asked what is live."""

    def __init__(self, server: Server) -> None:
        """Ask this server, over one connection."""
        self.server = server
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer to one request."""
        sent = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {TOKENS[WHO]}", "Content-Type": "application/json"}
        self._connection.request(method, path, sent, headers)
        found: dict[str, Any] = json.loads(self._connection.getresponse().read())
        return found

    def warm_up(self) -> None:
        """Ask until the callers have been heard: the record that they write is there."""
        while "storm" not in json.dumps(self.ask("GET", "/context/tasks/storm").get("key", "")):
            time.sleep(LOOKS_EVERY_S)

    def memory_mb(self) -> int:
        """Return how much memory the server has now, where the system tells it."""
        assert self.server.process is not None
        status = Path(f"/proc/{self.server.process.pid}/status")
        text = status.read_text() if status.exists() else ""
        return int(text.partition("VmRSS:")[2].split()[0]) // 1024 if "VmRSS:" in text else 0

    def marker(self, slot: str) -> str | None:
        """Return what the rule of a slot says, or nothing if it is gone."""
        answer = self.ask("POST", "/enforce", {"action": f"storm.{slot}"})
        return str(answer["because"][0]["message"]) if answer["ok"] else None

    def places(self, path: str = "/health") -> list[str]:
        """Return where the mistakes of a rejected house stand, as `/health` tells it."""
        return [one["at"] for one in self.ask("GET", path).get("problems", [])]

    def shows(self, saved: Saved) -> bool:
        """Say whether the server says what it must after a save.

        Of a rejected one `bylaw status` must say the same, and the rules must be the old ones.
        """
        places = self.places()
        if saved.at:
            right = saved.at in places and saved.at in self.places("/enforcement/status")
        else:
            right = not places
        return right and self.marker(saved.slot) == saved.marker

    def wait(self, saved: Saved) -> float | None:
        """Return how long it took until the server showed a save, or nothing if it never did."""
        begin = time.monotonic()
        while not self.shows(saved):
            if time.monotonic() - begin > PATIENCE_S:
                return None
            time.sleep(LOOKS_EVERY_S)
        return time.monotonic() - begin


@contextmanager
def callers(server: Server, storm: Storm) -> Iterator[None]:
    """Have every face called until the block ends; put what became of the calls into `storm`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.storm.calling", server.url, TOKENS[WHO]],
        cwd=Path(__file__).parents[2],
        env=server.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield
        printed, _ = process.communicate("")
    finally:
        process.kill()
        process.wait()
    keys = ("face", "due", "took", "wrong")
    storm.calls += [
        Told(**dict(zip(keys, json.loads(line), strict=True))) for line in printed.splitlines()
    ]


def save(asked: Asked, plan: Iterator[Saved], *, saves: int, storm: Storm) -> None:
    """Save so many times, and wait after each until the server shows it."""
    for _, saved in zip(range(saves), plan, strict=False):
        took = asked.wait(saved)
        storm.saves.append((saved, PATIENCE_S if took is None else took))
        if took is None:
            says = f"{asked.marker(saved.slot)}, {asked.places()}"
            storm.lost.append(f"{saved}: the server says {says}")


def save_elsewhere(asked: Asked, plan: Iterator[Saved], lasted: Iterable[float]) -> None:
    """Do the same with a house that nobody serves, and ask for as long after each save."""
    for seconds, saved in zip(lasted, plan, strict=False):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            asked.shows(saved)
            time.sleep(LOOKS_EVERY_S)


@contextmanager
def turn(storm: Storm, kind: str) -> Iterator[None]:
    """Note when a turn begins and ends."""
    begin = time.monotonic()
    yield
    storm.turns.append((kind, begin, time.monotonic()))


def run(
    folder: Path,
    store_url: str,
    *,
    saves: int,
    each: int,
    seed: int = 1,
    beside: bool = True,
    files: int = 0,
    environ: Mapping[str, str] | None = None,
) -> Storm:
    """Let a storm of so many saves go over a server, `each` of them a turn.

    `beside` has calm and decoy turns follow each turn of the storm; `files` more lie in the
    house than are saved.
    """
    storm = Storm()
    decoy = Saver(house=copy_of_shipped(folder / "decoy"), seed=seed).plan(10**9)
    with stormy(folder, store_url, seed=seed, environ=environ or {}, files=files) as found:
        asked, saver = found
        plan = saver.plan(saves)
        with callers(asked.server, storm):
            asked.warm_up()
            while len(storm.saves) < saves:
                done = len(storm.saves)
                with turn(storm, "storm"):
                    save(asked, plan, saves=min(each, saves - done), storm=storm)
                storm.memory_mb.append(asked.memory_mb())
                if beside:
                    calm_and_decoy(asked, decoy, storm, [took for _, took in storm.saves[done:]])
    return storm


def calm_and_decoy(
    asked: Asked, decoy: Iterator[Saved], storm: Storm, lasted: list[float]
) -> None:
    """Let as much time go by without saves, and as many saves that concern nobody."""
    _, begin, end = storm.turns[-1]
    with turn(storm, "calm"):
        time.sleep(end - begin)
    # The server has closed a connection that nobody used.
    asked.close()
    with turn(storm, "decoy"):
        save_elsewhere(asked, decoy, lasted)
