"""Instances and changed definitions: they follow what fits, and else stay on their own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.running import Running, running
from tests.services.outside import SERVER, small

TRIP = """\
kind: workflow
name: trip
description: A trip.
key: ${name}
inputs: {name: {type: string}}
start: {who: [dev]}
initial: packing
states:
  packing:
    actions:
      go: {who: [dev], to: away}
  away: {type: final}
"""
RENAMED = TRIP.replace("packing", "preparing").replace("go:", "leave:")
X = "trip:x"


@pytest.fixture
async def bylaw(tmp_path: Path, store_url: str) -> AsyncIterator[Running]:
    """Give a house with a trip that has begun."""
    async with small(tmp_path / "house", TRIP, store_url=store_url) as found:
        assert (await found.run("ana", "trip.start", params={"name": "x"}))["ok"]
        yield found


async def saved(bylaw: Running, text: str) -> None:
    (bylaw.root / "rules" / "all.yaml").write_text(text)
    await bylaw.opened.reload.once()
    assert bylaw.opened.wired.house.snapshots.rejected is None


async def test_instance_follows_a_changed_definition_that_it_fits(bylaw: Running) -> None:
    await saved(bylaw, TRIP.replace("go:", "drive:"))

    state = await bylaw.ask("ana", "get_workflow_state", instance=X)

    assert (state["actions"], "own_definition" in state) == (["trip.drive"], False)


async def test_instance_whose_state_is_gone_stays_on_its_own_definition(bylaw: Running) -> None:
    await saved(bylaw, RENAMED)

    state = await bylaw.ask("ana", "get_workflow_state", instance=X)

    assert (state["state"], state["own_definition"]) == ("packing", True)


async def test_own_definition_is_found_again_after_a_restart(
    tmp_path: Path, store_url: str
) -> None:
    async with small(tmp_path / "house", TRIP, store_url=store_url) as first:
        await first.run("ana", "trip.start", params={"name": "x"})
        (first.root / "rules" / "all.yaml").write_text(RENAMED)

    async with running(tmp_path / "house", store_url) as second:
        state = await second.ask("ana", "get_workflow_state", instance=X)

    assert (state["state"], state["own_definition"]) == ("packing", True)


async def test_own_definition_that_the_house_has_outgrown_is_refused_with_a_sentence(
    tmp_path: Path, store_url: str
) -> None:
    async with small(tmp_path / "house", TRIP, store_url=store_url) as first:
        await first.run("ana", "trip.start", params={"name": "x"})
    server = SERVER.replace("[dev]", "[crew]").replace("PORT", "0")
    (tmp_path / "house" / "bylaw.yaml").write_text(server)
    (tmp_path / "house" / "rules" / "all.yaml").write_text(RENAMED.replace("[dev]", "[crew]"))

    async with running(tmp_path / "house", store_url) as second:
        state = await second.ask("ana", "get_workflow_state", instance=X)
        listed = await second.ask("ana", "get_available_actions")

    assert state["error"] == "unavailable"
    assert state["summary"].startswith("Not done: the definition of `trip:x` does not compile")
    assert [one["instance"] for one in listed["instances"]] == [X]
