"""What a refusal says to do instead can be done: over all that the shipped house refuses."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bylaw.model.action import Action, ActionSource
from bylaw.services.answer import Answer
from bylaw.services.frontdoor import Opened, open_door
from bylaw.services.tools import BY_NAME
from tests.running import CHANGE, REVIEW, SUMMARY, Running, copy_of_shipped, running

ACTORS = ("ana", "bob", "cleo", "claude", "ci", "local")
# What params are tried with; a param that is not here is left out.
VALUES: Mapping[str, tuple[Any, ...]] = {
    "repo": ("acme/web",),
    "branch": ("feature/x", "main", "agent/claude"),
    "commit": ("c1",),
    "into": ("main", "next"),
    "force": (True, False),
    "path": ("web/.env", "rules/a.yaml", "src/a.py", "a/secrets/.env.example"),
    "summary": ("Adds the login page.", "Short"),
    "comment": ("Please add a test.",),
    "to": ("reviewers",),
    "text": ("Hello.",),
    "status": ("passed", "amber"),
    "key": ("tasks/1", "roadmap/1"),
    "value": ({"a": 1},),
}
# Reads that an answer may name; all others are asked about, not done.
READS = tuple(name for name, tool in BY_NAME.items() if tool.read_only)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a tool by somebody."""

    who: str
    tool: str
    arguments: Mapping[str, Any]


async def nothing(_bylaw: Running) -> None:
    """Leave it at that: nothing is open."""


async def drafted(bylaw: Running) -> None:
    """Start a review in the name of an agent."""
    assert (await bylaw.run("claude", "code-review.start", params=CHANGE))["ok"]


async def green(bylaw: Running) -> None:
    """Start a review of ana's, its tests passed."""
    await bylaw.tested()


async def of_an_agent(bylaw: Running) -> None:
    """Bring a review of claude's to where others approve it."""
    await drafted(bylaw)
    assert (await bylaw.report("ci", "tests.finished", **CHANGE, status="passed"))["ok"]
    assert (await bylaw.run("claude", "code-review.submit", params=SUMMARY))["ok"]


async def half_approved(bylaw: Running) -> None:
    """Bring a review of ana's to where one of two has approved it."""
    await bylaw.in_review()
    assert (await bylaw.run("bob", "code-review.approve"))["ok"]


async def approved(bylaw: Running) -> None:
    """Bring a review of ana's to where it can be merged."""
    await half_approved(bylaw)
    assert (await bylaw.run("cleo", "code-review.approve"))["ok"]


SITUATIONS = (nothing, drafted, green, of_an_agent, half_approved, approved)


@pytest.fixture
async def bylaw(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Running]:
    """Give a running Bylaw over the shipped house; what it says depends on no database."""
    async with running(copy_of_shipped(tmp_path / "house"), sqlite_url) as found:
        yield found


def params_of(action: Action) -> Iterator[dict[str, Any]]:
    """Give no params, unknown ones, and every choice of known ones."""
    names = [name for name in action.params.fields if name in VALUES]
    yield {}
    yield {"colour": "red"}
    for values in itertools.product(*(VALUES[name] for name in names)):
        yield dict(zip(names, values, strict=True))


def runs_of(bylaw: Running) -> Iterator[Call]:
    """Give every action that is tried, by everybody."""
    actions = bylaw.opened.wired.house.snapshots.live.actions.values()
    for who, action in itertools.product(ACTORS, actions):
        for params in params_of(action):
            yield Call(
                who=who, tool="run_action", arguments={"action": action.name, "params": params}
            )
        yield Call(who=who, tool="run_action", arguments={"action": f"{action.name}s"})
        if action.source is ActionSource.WORKFLOW:
            old = {"action": action.name, "instance": REVIEW, "expected_version": 0}
            yield Call(who=who, tool="run_action", arguments=old)


def reports_of(bylaw: Running) -> Iterator[Call]:
    """Give every report that is tried, by everybody."""
    snapshot = bylaw.opened.wired.house.snapshots.live
    for who, event in itertools.product(ACTORS, snapshot.events):
        for params in params_of(snapshot.actions[f"event.{event}"]):
            yield Call(who=who, tool="trigger_event", arguments={"event": event, "params": params})


def writes_of(_bylaw: Running) -> Iterator[Call]:
    """Give writes of records that some may not make."""
    for who, key in itertools.product(ACTORS, VALUES["key"]):
        yield Call(who=who, tool="update_context", arguments={"key": key, "value": {"a": 1}})
        old = {"key": key, "value": {"a": 1}, "expected_version": 7}
        yield Call(who=who, tool="update_context", arguments=old)


async def refusals(bylaw: Running, calls: Iterator[Call]) -> list[tuple[Call, Answer]]:
    """Return the calls that are refused; no action is run that is not."""
    found = []
    for call in calls:
        if call.tool == "run_action" and await would_run(bylaw, call):
            continue
        answer = await bylaw.ask(call.who, call.tool, **call.arguments)
        if not answer["ok"]:
            found.append((call, answer))
    return found


async def would_run(bylaw: Running, call: Call) -> bool:
    """Say whether an action would be run, by asking; what is outside is never run here."""
    action = bylaw.opened.wired.house.snapshots.live.actions.get(call.arguments["action"])
    if action is None or action.source is ActionSource.OUTSIDE:
        return False
    if "expected_version" in call.arguments:
        return False
    asked = await bylaw.ask(call.who, "enforce", **call.arguments)
    return bool(asked.get("allowed"))


def tool_calls(answer: Answer) -> list[Mapping[str, Any]]:
    """Return the tool calls in `next`, in order."""
    return [call for call in answer.get("next", ()) if "tool" in call]


def is_well_formed(bylaw: Running, call: Mapping[str, Any]) -> bool:
    """Say whether a tool takes a call as it stands, with nothing repaired."""
    actions = bylaw.opened.wired.house.snapshots.live.actions

    def names(action: str) -> frozenset[str] | None:
        return frozenset(actions[action].params.fields) if action in actions else None

    opened = open_door(BY_NAME[call["tool"]], call["arguments"], names)
    return isinstance(opened, Opened) and not opened.repaired


def reasons(answer: Answer) -> set[str]:
    """Return why something is refused, or nothing if it is not."""
    if answer["ok"] and answer.get("allowed", True):
        return set()
    rules = {one["rule"] for one in answer.get("because", ())}
    return rules or {str(answer.get("error"))}


async def answer_of(bylaw: Running, who: str, call: Mapping[str, Any]) -> Answer:
    """Make a call that an answer names; what it would do is asked about instead."""
    arguments = call["arguments"]
    if call["tool"] in READS:
        return await bylaw.ask(who, call["tool"], **arguments)
    taken = {name: one for name, one in arguments.items() if name in BY_NAME["enforce"].names}
    if call["tool"] == "trigger_event":
        taken = {"action": f"event.{arguments['event']}", "params": arguments.get("params", {})}
    return await bylaw.ask(who, "enforce", **taken)


async def refused_again(
    bylaw: Running, refused: list[tuple[Call, Answer]]
) -> list[tuple[Call, Answer, Answer]]:
    """Return the refusals whose first tool call is refused for the same reason."""
    found = []
    for call, answer in refused:
        for first in tool_calls(answer)[:1]:
            again = await answer_of(bylaw, call.who, first)
            if reasons(again) & reasons(answer):
                found.append((call, answer, again))
    return found


def not_well_formed(
    bylaw: Running, refused: list[tuple[Call, Answer]]
) -> list[tuple[Call, Answer]]:
    """Return the refusals with a call that its tool does not take as it stands."""
    return [
        (call, answer)
        for call, answer in refused
        if not all(is_well_formed(bylaw, one) for one in tool_calls(answer))
    ]


@pytest.mark.slow
@pytest.mark.parametrize("calls_of", [runs_of, reports_of, writes_of])
@pytest.mark.parametrize("situation", SITUATIONS)
async def test_what_a_refusal_names_is_not_refused_for_the_same_reason(
    bylaw: Running,
    situation: Callable[[Running], Awaitable[None]],
    calls_of: Callable[[Running], Iterator[Call]],
) -> None:
    await situation(bylaw)

    refused = await refusals(bylaw, calls_of(bylaw))

    assert await refused_again(bylaw, refused) == []
    assert not_well_formed(bylaw, refused) == []
