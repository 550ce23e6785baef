"""A crowd that attacks a server, and one caller who behaves; what it costs the server."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.hostile.leaks import assert_is_refused
from tests.hostile.wire import HOST, post, sent
from tests.scenario.server import Server

BEHAVED = post("/enforce", b'{"action": "git.push", "params": {"branch": "main"}}')
LARGE = post("/action", b'{"action": "' + b"x" * 10_000_000 + b'"}')
NEARLY_LARGE = post("/context/tasks/1", b'{"value": "' + b"x" * 1_000_000 + b'"}')
MANY = post("/enforce", b'{"params": [' + b"{}," * 300_000 + b"{}]}")
DEEP = post("/mcp", b"[" * 1_000_000)
HEAD = b"GET /health HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 5_000_000
# In chunks of one byte; each costs the parser a call.
CHUNKS = b"POST /enforce HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNKS += b"1\r\nx\r\n" * 400_000 + b"0\r\n\r\n"
ATTACKS = (LARGE, NEARLY_LARGE, MANY, DEEP, HEAD, CHUNKS)
GOOD = 200
SIDES = 5


@dataclass(kw_only=True)
class Crowd:
    """What a crowd did, and what one caller saw meanwhile: seconds for each answer."""

    sent: int = 0
    waits: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    peak_bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self) -> None:
        """Count one attack."""
        with self._lock:
            self.sent += 1


def resident_bytes(server: Server) -> int:
    """Return the memory that a server's process has now."""
    assert server.process is not None
    pages = Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]
    return int(pages) * 4_096


@contextmanager
def heard(server: Server) -> Iterator[list[str]]:
    """Read what a server prints while it runs, and stop it: nobody waits for a full pipe."""
    assert server.process is not None
    assert server.process.stdout is not None
    printed: list[str] = []
    reader = threading.Thread(target=printed.extend, args=(server.process.stdout,), daemon=True)
    reader.start()
    try:
        yield printed
    finally:
        server.process.terminate()
        reader.join(timeout=30)
        server.process.wait(timeout=30)
        server.process.stdout.close()


def attack(server: Server, crowd: Crowd, data: bytes) -> None:
    """Send one attack and look at its answer."""
    try:
        reply = sent(server.port, data)
        if reply.status != GOOD:
            assert_is_refused(reply, server.house)
    except (AssertionError, OSError, ValueError) as error:
        crowd.wrong.append(f"{data[:60]!r}: {error!r}"[:500])
    crowd.add()


def trickle(server: Server, stop: threading.Event) -> None:
    """Send a head byte by byte, again and again."""
    while not stop.is_set():
        with contextlib.suppress(OSError), connected_quietly(server) as wire:
            for byte in b"GET /health HTTP/1.1\r\n" + HOST:
                wire.sendall(bytes((byte,)))
                if stop.wait(0.2):
                    return


def never_read(server: Server, stop: threading.Event) -> None:
    """Ask for the largest page without reading it, again and again."""
    while not stop.is_set():
        with contextlib.suppress(OSError), connected_quietly(server) as wire:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            for _ in range(200):
                wire.sendall(b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"\r\n")
            stop.wait(5)


def connected_quietly(server: Server) -> socket.socket:
    """Connect with a short patience."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=5)


def behave(server: Server, crowd: Crowd, stop: threading.Event) -> None:
    """Ask a question over and over, and note how long each answer takes."""
    while not stop.is_set():
        begun = time.perf_counter()
        try:
            reply = sent(server.port, BEHAVED)
        except OSError as error:
            crowd.wrong.append(f"one who behaves: {error!r}")
            continue
        crowd.waits.append(time.perf_counter() - begun)
        if reply.status != GOOD:
            crowd.wrong.append(f"one who behaves: {reply.status} {reply.text[:300]}")
        stop.wait(0.01)


def watch(server: Server, crowd: Crowd, stop: threading.Event) -> None:
    """Note the most memory that the server has."""
    while not stop.wait(0.02):
        crowd.peak_bytes = max(crowd.peak_bytes, resident_bytes(server))


@contextmanager
def beside(server: Server, crowd: Crowd, *, slow: int = 0) -> Iterator[None]:
    """Have one caller behave, the memory watched and so many slow clients, while a block runs."""
    stop = threading.Event()
    work: list[Callable[[], None]] = [
        lambda: behave(server, crowd, stop),
        lambda: watch(server, crowd, stop),
        *[lambda: trickle(server, stop)] * slow,
        *[lambda: never_read(server, stop)] * slow,
    ]
    threads = [threading.Thread(target=one, daemon=True) for one in work]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=30)


def one_after_another(server: Server, crowd: Crowd, attacks: list[bytes]) -> None:
    """Send attacks, each when the one before it is answered."""
    for one in attacks:
        attack(server, crowd, one)


def attacked(server: Server, crowd: Crowd, attacks: tuple[bytes, ...], *, times: int) -> None:
    """Send attacks from several sides at once, each so many times."""
    waves = [attacks[number % len(attacks)] for number in range(len(attacks) * times)]
    sides = [
        threading.Thread(target=one_after_another, args=(server, crowd, waves[side::SIDES]))
        for side in range(SIDES)
    ]
    for side in sides:
        side.start()
    for side in sides:
        side.join()
