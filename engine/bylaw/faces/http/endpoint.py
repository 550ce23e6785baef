"""The endpoints as HTTP sees them: found by path, opened with the server, and how they are."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from starlette.types import ASGIApp

from bylaw.services.answer import Answer, answer

SAID = {
    "ready": "Ready.",
    "starting": "It is being opened.",
    "degraded": "It could not be opened, and is tried again; other endpoints are not touched.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """How one endpoint is; `state` is `starting`, `ready` or `degraded`."""

    name: str
    path: str
    state: str
    problem: str = ""

    @property
    def live(self) -> bool:
        """Say whether it takes calls."""
        return self.state == "ready"

    def record(self) -> Answer:
        """Return it as `/health` lists it."""
        said = {"path": self.path, "state": self.state, "problem": self.problem}
        return {name: value for name, value in said.items() if value}

    def told(self, *, ready: bool) -> Answer:
        """Return it as its own page says it; `ready` is whether the whole server is."""
        text = SAID[self.state]
        if self.live and not ready:
            text = "The store does not answer: runs are refused."
        said = {"endpoint": self.name, "live": self.live, "ready": self.live and ready}
        return answer(text, **said, **self.record())


class Endpoints(Protocol):
    """The endpoints of the live house."""

    def find(self, path: str) -> ASGIApp | None:
        """Return the one at exactly this path."""
        ...

    def doors(self) -> Mapping[str, Door]:
        """Return how each one is, by name."""
        ...

    def running(self) -> AbstractAsyncContextManager[None]:
        """Open all of them, and close them in the end."""
        ...
