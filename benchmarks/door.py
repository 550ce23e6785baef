"""A house with one workflow, and the gateway over it: what runs are measured on."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from benchmarks.house import ACCESS, ORIGIN, SERVER
from bylaw.app import clock
from bylaw.app.lifespan import opened
from bylaw.background.reload import Loader
from bylaw.model.actor import Actor
from bylaw.services.caller import Caller
from bylaw.services.gateway import Gateway

HOUSE = (
    SERVER
    + ACCESS
    + """---
kind: workflow
name: door
description: Open and shut.
inputs:
  room: {type: string}
key: ${room}
initial: shut
states:
  shut: {actions: {push: {to: ajar}}}
  ajar: {actions: {push: {to: shut}}}
---
kind: policy
name: doors
description: Two rules on each push.
applies: {actions: [door.push]}
rules:
  - name: nobody
    when: actor.id == "nobody"
    effect: deny
    message: Nobody pushes doors.
  - name: everybody
    when: actor.id in ["dev", "local"]
    effect: allow
---
kind: action
name: job.run
description: A job.
params:
  branch: {type: string}
  amount: {type: integer}
---
kind: policy
name: jobs
description: Two rules on each job.
applies: {actions: [job.run]}
rules:
  - name: small
    when: params.branch != "main" and params.amount <= 10
    effect: allow
  - name: large
    when: params.branch == "release" and params.amount > 10
    effect: deny
    message: Too much.
"""
)
CALLER = Caller(
    actor=Actor(id="dev", roles=("dev",)), scope="main", endpoint="bench", correlation_id="req_b"
)


def write_house(folder: Path) -> Path:
    """Write the house."""
    folder.mkdir(exist_ok=True)
    (folder / "bylaw.yaml").write_text(HOUSE)
    return folder


@asynccontextmanager
async def gateway(folder: Path, url: str) -> AsyncIterator[Gateway]:
    """Open the whole of Bylaw but its faces: background work runs, as it does in a server."""
    quiet()
    loader = Loader(write_house(folder), ORIGIN.environ, clock.now)
    async with opened(loader, loader.load(), store_url=url) as found:
        yield found.wired.gateway


def quiet() -> None:
    """Have the log say only what is wrong."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


async def begin(door: Gateway, room: int) -> None:
    """Start the instance of a caller."""
    arguments = {"action": "door.start", "params": {"room": f"room-{room}"}}
    started = await door.call("run_action", arguments, CALLER)
    assert started["ok"], started


async def push(door: Gateway, room: int) -> None:
    """Take a step of it."""
    arguments = {"action": "door.push", "instance": f"door:room-{room}"}
    pushed = await door.call("run_action", arguments, CALLER)
    assert pushed["ok"], pushed
