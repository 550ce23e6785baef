"""Walk a workflow of the shipped house to its end with scripted agents that do not know it.

It serves a copy of the house in a folder of its own, with the stand-in for CI beside it, and
shortens waits of an hour to a second; `walker.py` has the agents.
"""

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socket import create_server
from typing import Any

from fastmcp import Client

sys.path.insert(0, str(Path(__file__).parents[1]))

from examples.walker import Agent, Answer, Stuck, Walk

ROOT = Path(__file__).parents[1]
START_S = 30
HOUR = re.compile(r"^(\s+)1h:", re.MULTILINE)
GOALS = ("code-review", "release", "incident")
# What each of them knows of its world. The words are those of the params that answers name.
CHANGE = {"repo": "acme/web", "branch": "feature/login", "commit": "c1"}
TROUBLE = {"id": "checkout-17", "title": "Checkout is down.", "severity": "sev1"}
WORLD: Mapping[str, Mapping[str, Any]] = {
    "claude": {**CHANGE, **TROUBLE, "summary": "Customers can log in on a page of its own."},
    "robin": {"repo": "acme/web", "version": "1.2.0"},
    "ana": CHANGE,
    "bob": CHANGE,
    "cleo": {},
    "sam": {},
    "rita": {"repo": "acme/web", "version": "1.2.0"},
    "oli": {"incident": "checkout-17"},
}
FACTS: Mapping[str, Mapping[str, Any]] = {"robin": {"session": {"mode": "release"}}}
NAMES = (*WORLD, "ci")


async def walk(
    url: str, tokens: Mapping[str, str], workflow: str, say: Callable[[str], None]
) -> Answer:
    """Walk one workflow with everybody, and return where it ends."""
    async with AsyncExitStack() as stack:
        agents = [
            Agent(
                name=name,
                client=await stack.enter_async_context(Client(f"{url}/mcp", auth=tokens[name])),
                world=world,
                say=say,
                facts=FACTS.get(name, {}),
            )
            for name, world in WORLD.items()
        ]
        return await Walk(workflow=workflow, agents=agents, say=say).play()


def copied(folder: Path) -> Path:
    """Copy the shipped house, with waits of an hour shortened to a second."""
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "bylaw.yaml", folder)
    for name in ("rules", "workflows", "personas"):
        shutil.copytree(ROOT / name, folder / name)
    for workflow in (folder / "workflows").glob("*.yaml"):
        workflow.write_text(HOUR.sub(r"\1 1s:", workflow.read_text()))
    return folder


@contextmanager
def serving(command: list[str], port: int, environ: Mapping[str, str]) -> Iterator[None]:
    """Run a server until the end of the block, from when it answers."""
    process = subprocess.Popen(  # noqa: S603 - our own servers, with words of ours
        command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    try:
        until = time.monotonic() + START_S
        while not answers(port):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"it does not start: {' '.join(command)}")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()


def answers(port: int) -> bool:
    """Say whether a server answers on a port of this machine."""
    connection = HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/health")
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True


def free_port() -> int:
    """Return a port that nobody listens on."""
    with create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def environ(folder: Path, tokens: Mapping[str, str], port: int, ci: int) -> dict[str, str]:
    """Return what both servers have around them; the store may be named outside."""
    store = os.environ.get("BYLAW_STORE_URL", f"sqlite:///{folder}/bylaw.db")
    return {
        **os.environ,
        **{f"BYLAW_TOKEN_{name.upper()}": token for name, token in tokens.items()},
        "BYLAW_HOUSE": str(copied(folder / "house")),
        "BYLAW_PORT": str(port),
        "BYLAW_STORE_URL": store,
        "BYLAW_CI_URL": f"http://127.0.0.1:{ci}",
        "BYLAW_URL": f"http://127.0.0.1:{port}",
    }


def walk_all(goals: list[str]) -> None:
    """Serve a house, and walk the workflows one after the other."""
    tokens = {name: f"token-of-{name}-0123456789" for name in NAMES}
    port, ci = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        around = environ(Path(folder), tokens, port, ci)
        stand_in = [sys.executable, str(ROOT / "examples/ci_server.py"), "--port", str(ci)]
        with (
            serving([sys.executable, "-m", "bylaw", "serve"], port, around),
            serving(stand_in, ci, around),
        ):
            for goal in goals:
                asyncio.run(walk(f"http://127.0.0.1:{port}", tokens, goal, print))


def main() -> None:
    """Walk the workflows that are named, or all three."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("workflow", nargs="*", default=list(GOALS), help=f"of {', '.join(GOALS)}")
    try:
        walk_all(parser.parse_args().workflow)
    except Stuck as problem:
        raise SystemExit(f"stuck: {problem}") from None


if __name__ == "__main__":
    main()
