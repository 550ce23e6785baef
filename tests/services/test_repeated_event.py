"""A report that starts an instance, sent again under its id: nothing happens twice."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.running import Running
from tests.services.outside import small

INCIDENT = """\
kind: event
name: alert.fired
description: Something is wrong.
who: [dev]
params: {alert: {type: string}}
---
kind: workflow
name: incident
description: Something is wrong until it is closed.
key: ${alert}
inputs: {alert: {type: string}}
data: {times: {type: integer, default: 1}}
start:
  who: [dev]
  events:
    alert.fired: {set: {alert: "${params.alert}"}}
initial: open
events:
  alert.fired: {set: {times: "${times + 1}"}}
states:
  open:
    actions:
      close: {description: Say that it is over., to: closed}
  closed: {type: final}
"""


@pytest.fixture
async def bylaw(tmp_path: Path, store_url: str) -> AsyncIterator[Running]:
    """Give a Bylaw over a house with a workflow that events start."""
    async with small(tmp_path / "house", INCIDENT, store_url=store_url) as found:
        yield found


async def fired(bylaw: Running, number: str) -> list[dict[str, object]]:
    """Report the alert under an id, and return what is said of instances."""
    answer = await bylaw.ask(
        "ana", "trigger_event", event="alert.fired", params={"alert": "disk"}, id=number
    )
    assert answer["ok"], answer
    return list(answer.get("instances", []))


async def test_repeated_report_does_not_count_for_the_instance_that_it_started(
    bylaw: Running,
) -> None:
    await fired(bylaw, "e1")
    await bylaw.run("ana", "incident.close", instance="incident:disk")
    started = await fired(bylaw, "e2")

    again = await fired(bylaw, "e2")

    assert started == [
        {"instance": "incident:disk#2", "state": "open", "version": 1, "started": True}
    ]
    assert again == [{**started[0], "repeated": True}]


async def test_other_report_counts_once(bylaw: Running) -> None:
    await fired(bylaw, "e1")

    told = await fired(bylaw, "e2")

    assert told == [{"instance": "incident:disk", "state": "open", "version": 2}]


async def test_same_report_at_the_same_time_starts_one_instance(bylaw: Running) -> None:
    told = await asyncio.gather(*(fired(bylaw, "e1") for _ in range(8)))

    state = await bylaw.ask("ana", "get_workflow_state", instance="incident:disk")
    assert [one["version"] for instances in told for one in instances] == [1] * 8
    assert (state["version"], state["data"]["times"]) == (1, 1)
