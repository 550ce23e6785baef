"""The real server and the stand-in for CI, as processes of their own, for a test to drive."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).parents[2]
ACTORS = ("ana", "bob", "cleo", "rita", "sam", "oli", "claude", "robin", "ci")
TOKENS = {name: f"token-of-{name}-0123456789" for name in ACTORS}
START_S = 30.0


@dataclass(kw_only=True)
class Server:
    """A `bylaw serve` that can be stopped, killed and started again on the same store."""

    house: Path
    store_url: str
    port: int
    ci_port: int
    process: subprocess.Popen[str] | None = field(default=None)

    @property
    def url(self) -> str:
        """Return where it serves."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ci_url(self) -> str:
        """Return where the stand-in for CI answers."""
        return f"http://127.0.0.1:{self.ci_port}"

    @property
    def environ(self) -> Mapping[str, str]:
        """Return the environment that both processes have."""
        tokens = {f"BYLAW_TOKEN_{name.upper()}": token for name, token in TOKENS.items()}
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("BYLAW_")},
            **tokens,
            "BYLAW_HOUSE": str(self.house),
            "BYLAW_PORT": str(self.port),
            "BYLAW_STORE_URL": self.store_url,
            "BYLAW_CI_URL": self.ci_url,
            "BYLAW_URL": self.url,
        }

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bylaw", "serve"],
            env=self.environ,
            cwd=self.house,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wait_for(self.port, self.process)

    def stop(self) -> str:
        """Ask it to stop, and return what it printed."""
        assert self.process is not None
        self.process.terminate()
        printed, _ = self.process.communicate(timeout=20)
        return printed

    def kill(self) -> None:
        """Pull the plug."""
        assert self.process is not None
        self.process.kill()
        self.process.communicate(timeout=20)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[str], path: str = "/health") -> None:
    """Wait until a server answers, or say what it printed when it ended instead."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise AssertionError(f"the server ended: {process.communicate()[0]}")
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", path)
            connection.getresponse().read()
            connection.close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server did not answer in time")


@contextmanager
def served(house: Path, store_url: str, *, ci_port: int | None = None) -> Iterator[Server]:
    """Start a server over a house, and end it whatever happens."""
    ci_port = ci_port or free_port()
    server = Server(house=house, store_url=store_url, port=free_port(), ci_port=ci_port)
    server.start()
    try:
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()


@contextmanager
def continuous_integration(server: Server) -> Iterator[None]:
    """Start the stand-in for CI beside a server."""
    command = [sys.executable, str(ROOT / "examples" / "ci_server.py")]
    process = subprocess.Popen(
        [*command, "--port", str(server.ci_port), "--bylaw", server.url],
        env=server.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for(server.ci_port, process, "/")
        yield
    finally:
        process.kill()
        process.communicate(timeout=20)
