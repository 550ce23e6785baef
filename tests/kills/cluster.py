"""A PostgreSQL server of its own, with the plug to pull.

Unlike the server of the other tests it commits as a server does by default: what it has
acknowledged must survive the end of its processes.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests import postgres

OPTIONS = "-c max_connections=100 -c listen_addresses= -c shared_buffers=64MB"
TRIES = 10
# Ends the server soon after the process that it serves, however that one ended.
WATCH = """
exec >/dev/null 2>&1
{
  while kill -0 "$0" && [ -d "$1" ]; do sleep 1; done
  [ -f "$1/postmaster.pid" ] && kill -QUIT $(head -n 1 "$1/postmaster.pid") && rm -r "$2"
} &
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A database cluster in a folder."""

    data: Path

    @property
    def url(self) -> str:
        """Return the URL of its database."""
        return f"postgresql://bylaw@/postgres?host={self.data}"

    async def start(self) -> None:
        """Start the server; what was committed before it was killed is there again."""
        log = str(self.data / "log")
        options = f"{OPTIONS} -k {self.data}"
        start = ("pg_ctl", "-D", str(self.data), "-l", log, "-o", options, "-w", "start")
        for left in reversed(range(TRIES)):
            try:
                await asyncio.to_thread(postgres.run, *start)
            except RuntimeError:
                # One that was just forked has not noticed yet that the others are gone.
                if not left:
                    raise
                await asyncio.sleep(0.3)
            else:
                return

    async def kill(self) -> None:
        """Kill every process of it at once."""
        master = int((self.data / "postmaster.pid").read_text().split()[0])
        processes = (master, *children_of(master))
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        for process in processes:
            await asyncio.to_thread(wait_for, process)

    async def crash(self) -> None:
        """Have it end at once, as it does when one of its processes crashes."""
        stop = ("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")
        await asyncio.to_thread(postgres.run, *stop)


def children_of(process: int) -> list[int]:
    """Return the processes that a process has started."""
    listed = Path(f"/proc/{process}/task/{process}/children")
    return [int(one) for one in listed.read_text().split()]


def is_running(process: int) -> bool:
    """Say whether a process has not ended; one that nobody has waited for has."""
    try:
        state = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state.rsplit(")", 1)[1].split()[0] != "Z"


def wait_for(process: int) -> None:
    """Wait until a process has ended."""
    while is_running(process):
        time.sleep(0.01)


@contextmanager
def folder() -> Iterator[Path]:
    """Make a folder that the account of PostgreSQL may enter."""
    made = Path(tempfile.mkdtemp(prefix="bylaw-kills-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@asynccontextmanager
async def cluster() -> AsyncIterator[Cluster]:
    """Make a cluster and start its server; both are gone in the end."""
    with folder() as place:
        data = place / "data"
        await asyncio.to_thread(make, data)
        made = Cluster(data=data)
        await made.start()
        try:
            yield made
        finally:
            if (data / "postmaster.pid").exists():
                await made.kill()


def make(data: Path) -> None:
    """Make the files of a cluster."""
    data.mkdir(mode=0o700)
    if postgres.ROOT:
        shutil.chown(data, user=postgres.ACCOUNT)
    postgres.run("initdb", "-D", str(data), "-U", "bylaw", "-A", "trust", "-E", "UTF8")
    watch = ["/bin/sh", "-c", WATCH, str(os.getpid()), str(data), str(data.parent)]
    subprocess.run(watch, check=True, start_new_session=True)
