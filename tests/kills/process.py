"""`bylaw serve` as a process that is killed and started again on the same store."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.scenario.server import free_port

START_S = 60.0
LOOKS_EVERY_S = 0.03
MISTAKES = ("call failed", "background work crashed", "background work ended")


@dataclass(slots=True, kw_only=True)
class Process:
    """One server; each time that it is started it has another name."""

    house: Path
    store_url: str
    receiver_url: str
    name: str
    log: Path
    port: int = field(default_factory=free_port)
    starts: int = 0
    # When each life of it ended by a kill, by the name that it had.
    killed: dict[str, float] = field(default_factory=dict)
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Return where it serves."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def life(self) -> str:
        """Return the name of its present life."""
        return f"{self.name}-{self.starts}"

    async def start(self) -> None:
        """Start it, and wait until it is ready."""
        self.starts += 1
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BYLAW_")}
        own = {
            "BYLAW_HOUSE": str(self.house),
            "BYLAW_PORT": str(self.port),
            "BYLAW_STORE_URL": self.store_url,
            "KILLS_RECEIVER": self.receiver_url,
            "KILLS_PROCESS": self.life,
        }
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bylaw", "serve", env=kept | own, stdout=log, stderr=log
            )
        await self.until_ready()

    async def until_ready(self) -> None:
        """Wait until it says that it is ready."""
        async with asyncio.timeout(START_S), httpx2.AsyncClient() as client:
            while True:
                if await self._is_ready(client):
                    return
                await asyncio.sleep(LOOKS_EVERY_S)

    async def _is_ready(self, client: httpx2.AsyncClient) -> bool:
        if self.process is not None and self.process.returncode is not None:
            raise AssertionError(f"the server ended: {self.log.read_text()[-2000:]}")
        try:
            found = await client.get(f"{self.url}/health")
        except httpx2.HTTPError:
            return False
        return bool(found.json().get("ready"))

    def mistakes(self) -> list[str]:
        """Return what its log says of exceptions that nobody had expected."""
        lines = self.log.read_text(errors="replace").splitlines()
        logged = (json.loads(line) for line in lines if line.startswith("{"))
        found = (one for one in logged if one.get("event") in MISTAKES)
        return [f"{one['event']}: {str(one.get('exception', ''))[-600:]}" for one in found]

    async def kill(self) -> None:
        """Pull the plug."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()
        self.killed[self.life] = asyncio.get_running_loop().time()

    async def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        assert self.process is not None
        self.process.terminate()
        return await self.process.wait()


@asynccontextmanager
async def ended(*processes: Process) -> AsyncIterator[None]:
    """End the processes whatever happens."""
    try:
        yield
    finally:
        for one in processes:
            if one.process is not None and one.process.returncode is None:
                await one.kill()
