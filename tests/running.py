"""A whole Bylaw in this process, over a house in a folder and a real store."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bylaw.app import clock
from bylaw.app.lifespan import Opened, opened
from bylaw.background.reload import Loader
from bylaw.base.plain import Plain
from bylaw.load.house import shipped_house
from bylaw.services.answer import Answer
from bylaw.services.caller import Caller

CHANGE = {"repo": "acme/web", "branch": "feature/x", "commit": "c1"}
REVIEW = "code-review:acme/web@feature/x"
SUMMARY = {"summary": "Adds the login page."}


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An open Bylaw, asked in the name of the house's actors."""

    opened: Opened
    root: Path

    def caller(self, name: str) -> Caller:
        """Return somebody of `actors:`, or `local`."""
        server = self.opened.wired.house.snapshots.live.server
        actor = server.local if name == "local" else server.actors[name].actor
        return Caller(actor=actor, scope="main", endpoint="test", correlation_id="req_test")

    async def ask(self, name: str, tool: str, /, **arguments: Plain) -> Answer:
        """Call a tool as somebody."""
        return await self.opened.wired.gateway.call(tool, arguments, self.caller(name))

    async def run(self, name: str, action: str, /, **arguments: Plain) -> Answer:
        """Run an action as somebody."""
        return await self.ask(name, "run_action", action=action, **arguments)

    async def report(self, name: str, event: str, /, **params: Plain) -> Answer:
        """Report an event as somebody."""
        return await self.ask(name, "trigger_event", event=event, params=params)

    async def tested(self) -> None:
        """Start a review as ana and have CI say that its tests passed."""
        started = await self.run("ana", "code-review.start", params=CHANGE)
        assert started["ok"], started
        reported = await self.report("ci", "tests.finished", **CHANGE, status="passed")
        assert reported["ok"], reported

    async def in_review(self) -> None:
        """Bring a review of ana's to where others approve it."""
        await self.tested()
        submitted = await self.run("ana", "code-review.submit", params=SUMMARY)
        assert submitted["ok"], submitted


def copy_of_shipped(folder: Path) -> Path:
    """Copy the shipped house, so that a test may change it."""
    source = shipped_house()
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "bylaw.yaml", folder)
    for name in ("rules", "workflows", "personas"):
        shutil.copytree(source / name, folder / name)
    return folder


@asynccontextmanager
async def running(
    root: Path, store_url: str, environ: Mapping[str, str] | None = None
) -> AsyncIterator[Running]:
    """Open a Bylaw over a house, with its background work, and close it in the end."""
    loader = Loader(root, environ or {}, clock.now)
    async with opened(loader, loader.load(), store_url=store_url) as found:
        yield Running(opened=found, root=root)
