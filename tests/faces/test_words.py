"""What a model has to read, counted with public tokenizers: the list of tools, usual answers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastmcp import Client
from rs_bpe.bpe import openai

from bylaw.base.plain import Plain
from bylaw.faces.mcp.server import GatewayServer
from bylaw.faces.wire import encode
from bylaw.services.answer import Answer
from tests.faces.scripted import ScriptedDoor, front
from tests.faces.test_mcp import IN_MEMORY
from tests.running import CHANGE, REVIEW, SUMMARY, Running, copy_of_shipped, running

TOKENIZERS = (openai.o200k_base(), openai.cl100k_base())
LIST = 2_500
USUAL = 400
RELEASING: Answer = {"session": {"mode": "release"}}
LONGER = "acme/storefront", "feature/checkout-with-one-page"
PEOPLE = ("ana", "bob", "cleo", "rita", "sam", "oli", "eve")
AGENTS = (
    ("claude", "plan"),
    ("claude", "build"),
    ("claude", "review"),
    ("robin", "release"),
    ("local", "build"),
)


def tokens(said: Answer | str) -> int:
    """Return how many tokens an answer is on the wire, by whichever tokenizer needs more."""
    text = said if isinstance(said, str) else encode(said)
    return max(int(tokenizer.count(text)) for tokenizer in TOKENIZERS)


@pytest.fixture
async def bylaw(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Running]:
    """Give the shipped house."""
    async with running(copy_of_shipped(tmp_path / "house"), sqlite_url) as found:
        yield found


async def opened(bylaw: Running) -> None:
    """Open two instances of each workflow; one of the reviews is asked for."""
    await bylaw.in_review()
    repo, branch = LONGER
    change: Answer = {"repo": repo, "branch": branch, "commit": "9f2c1d7"}
    await done(bylaw, "claude", "code-review.start", change)
    for name in ("42", "ops-1077"):
        incident: Answer = {"id": name, "title": "Checkout is down.", "severity": "sev1"}
        await done(bylaw, "oli", "incident.start", incident)
        await done(bylaw, "claude", "task.start", {"id": name, "title": "Repair the checkout."})
    for name in ("acme/web", repo):
        await done(bylaw, "robin", "release.start", {"repo": name, "version": "1.2.0"})


async def done(bylaw: Running, who: str, action: str, params: Answer) -> None:
    facts = RELEASING if who == "robin" else {}
    answer = await bylaw.run(who, action, params=params, facts=facts)
    assert answer["ok"], answer


async def test_list_of_tools_is_read_at_a_glance() -> None:
    server = GatewayServer(front(ScriptedDoor()), lambda: IN_MEMORY, "0.1.0")
    async with Client(server) as client:
        listed = await client.list_tools_mcp()

    assert tokens(listed.model_dump_json(by_alias=True, exclude_none=True)) < LIST


@pytest.mark.parametrize(("who", "mode"), AGENTS)
async def test_listing_of_an_agent_is_short_in_every_mode(
    bylaw: Running, who: str, mode: str
) -> None:
    facts = {"session": {"mode": mode}}
    empty = await bylaw.ask(who, "get_available_actions", facts=facts)
    await opened(bylaw)
    busy = await bylaw.ask(who, "get_available_actions", facts=facts)

    assert empty["ok"]
    assert busy["ok"]
    assert max(tokens(empty), tokens(busy)) < USUAL


async def test_listing_of_a_person_is_short_on_every_page(bylaw: Running) -> None:
    await opened(bylaw)
    pages = {f"{who} {at}": page for who in PEOPLE for at, page in await pages_of(bylaw, who)}

    assert {name: tokens(page) for name, page in pages.items() if tokens(page) >= USUAL} == {}


async def pages_of(bylaw: Running, who: str) -> list[tuple[str, Answer]]:
    """Return all pages of a listing by where they begin."""
    pages = [("0", await bylaw.ask(who, "get_available_actions"))]
    while cursor := pages[-1][1].get("cursor"):
        pages.append((cursor, await bylaw.ask(who, "get_available_actions", cursor=cursor)))
    return pages


USUAL_CALLS: tuple[tuple[str, str, Answer], ...] = (
    ("claude", "run_action", {"action": "submit"}),
    ("claude", "run_action", {"action": "code-review.submit"}),
    ("claude", "run_action", {"action": "code-review.submit", "params": SUMMARY}),
    ("claude", "run_action", {"action": "code-review.start", "params": CHANGE}),
    ("claude", "run_action", {"action": "code-review.approve", "instance": REVIEW}),
    ("claude", "run_action", {"action": "code-review.merge", "instance": REVIEW}),
    ("claude", "run_action", {"action": "git.push", "params": {"branch": "main"}}),
    ("claude", "run_action", {"action": "file.write", "params": {"path": "a.py"}}),
    ("claude", "run_action", {"action": "git.merge", "params": {**CHANGE, "into": "main"}}),
    ("claude", "run_action", {"actoin": "task.take", "wild": True}),
    ("claude", "run_action", {"action": "task.take", "instance": "task:9"}),
    ("claude", "run_action", {"action": "task.take", "instance": "42", "expected_version": 9}),
    ("claude", "run_action", {"action": "task.take", "instance": "42"}),
    ("bob", "run_action", {"action": "code-review.approve", "instance": REVIEW}),
    ("claude", "trigger_event", {"event": "tests.finished", "params": CHANGE}),
    ("claude", "get_workflow_state", {}),
    ("claude", "get_workflow_state", {"workflow": "release"}),
    ("claude", "get_workflow_state", {"instance": REVIEW}),
    ("claude", "get_workflow_state", {"instance": "incident:42"}),
    ("claude", "get_workflow_state", {"instance": "task:42"}),
    ("bob", "get_workflow_state", {"instance": REVIEW}),
    ("rita", "get_workflow_state", {"instance": "release:acme/web@1.2.0"}),
    ("claude", "get_available_actions", {"filter": "code-review.*"}),
    ("claude", "get_available_actions", {"action": "code-review.submit"}),
    ("claude", "get_available_actions", {"action": "code-review.start"}),
    ("claude", "get_available_actions", {"action": "file.write"}),
    ("claude", "get_policy", {}),
    ("claude", "get_policy", {"name": "branch-protection"}),
    ("claude", "get_policy", {"name": "security"}),
    ("claude", "get_policy", {"action": "git.push"}),
    ("claude", "enforce", {"action": "git.push", "params": {"branch": "main"}}),
    ("claude", "enforce", {"action": "git.push", "params": {"branch": "x"}}),
    ("claude", "enforce", {"action": "file.delete", "params": {"path": "/", "recursive": True}}),
    ("claude", "enforce", {"action": "file.write", "params": {"path": "rules/a.yaml"}}),
    ("claude", "enforce", {"action": "file.read", "params": {"path": ".env"}}),
    ("claude", "update_context", {"key": "tasks/42", "value": {"title": "Login", "done": False}}),
    ("claude", "update_context", {"key": "roadmap/q1", "value": {"title": "Login"}}),
    ("claude", "update_context", {"key": "logs/deployments", "mode": "append", "value": "Done."}),
    ("claude", "get_context_data", {}),
    ("claude", "get_context_data", {"key": "tasks"}),
    ("claude", "get_context_data", {"key": "tasks/1"}),
)


async def test_usual_answers_are_short(bylaw: Running) -> None:
    await opened(bylaw)

    counted: dict[str, Plain] = {}
    for who, tool, arguments in USUAL_CALLS:
        answer = await bylaw.ask(who, tool, **arguments)
        counted[f"{who} {tool} {encode(arguments)}"] = tokens(answer)

    assert {call: count for call, count in counted.items() if count >= USUAL} == {}
