"""MCP, REST and the command line give the same answers to the same questions."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests import postgres
from tests.running import CHANGE, REVIEW, SUMMARY, copy_of_shipped
from tests.scenario.faces import Answer, Cli, Face, Mcp, Rest, lasting
from tests.scenario.server import served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

FACES: Mapping[str, Callable[[str], Face]] = {
    "mcp": lambda url: Mcp(url=url, era="auto"),
    "older-mcp": lambda url: Mcp(url=url, era="legacy"),
    "rest": lambda url: Rest(url=url),
    "cli": lambda url: Cli(url=url),
}
Step = tuple[str, str, str, Mapping[str, Any]]

FORCED = {"repo": "acme/web", "branch": "feature/x", "force": True}
PUSH = {"action": "git.push", "params": {"repo": "acme/web", "branch": "main"}}
SUBMIT = {"action": "code-review.submit", "instance": REVIEW}
APPROVE = {"action": "code-review.approve", "instance": REVIEW}
START = {"action": "code-review.start", "params": CHANGE, "idempotency_key": "key-1"}
PASSED = {"event": "tests.finished", "params": {**CHANGE, "status": "passed"}, "id": "delivery-1"}

STORY: tuple[Step, ...] = (
    ("an empty list", "claude", "get_workflow_state", {}),
    ("what a person may do", "ana", "get_available_actions", {"limit": 5}),
    (
        "what a planning agent may do",
        "claude",
        "get_available_actions",
        {"facts": {"session": {"mode": "plan"}}, "explain": True},
    ),
    ("one action", "claude", "get_available_actions", {"action": "code-review.submit"}),
    ("a filter", "claude", "get_available_actions", {"filter": "tag:read-only"}),
    ("a start", "claude", "run_action", {**START, "reason": "A customer asked."}),
    ("the same start", "claude", "run_action", {**START, "reason": "A customer asked."}),
    ("its key again", "claude", "run_action", {**SUBMIT, "idempotency_key": "key-1"}),
    ("another start", "ana", "run_action", {"action": "code-review.start", "params": CHANGE}),
    ("a push to main", "claude", "run_action", PUSH),
    ("a push of its own", "claude", "run_action", {**PUSH, "params": FORCED | {"force": False}}),
    ("a forced push", "claude", "run_action", {**PUSH, "params": FORCED}),
    ("too short a summary", "claude", "run_action", {**SUBMIT, "params": {"summary": "Login."}}),
    ("no summary", "claude", "run_action", SUBMIT),
    ("a number", "claude", "run_action", {**SUBMIT, "params": {"summary": 7, "draft": None}}),
    ("too early", "claude", "run_action", {**SUBMIT, "params": SUMMARY}),
    ("its own tests", "claude", "trigger_event", PASSED),
    ("the tests", "ci", "trigger_event", PASSED),
    ("the tests again", "ci", "trigger_event", PASSED),
    ("an event for nobody", "ci", "trigger_event", {**PASSED, "instance": "code-review:no@one"}),
    ("an unknown event", "ci", "trigger_event", {"event": "tests.began"}),
    (
        "an old version",
        "claude",
        "run_action",
        {**SUBMIT, "params": SUMMARY, "expected_version": 1},
    ),
    ("would it work", "claude", "enforce", {**SUBMIT, "params": SUMMARY}),
    ("handed in", "claude", "run_action", {**SUBMIT, "params": SUMMARY, "expected_version": 2}),
    ("its own approval", "claude", "run_action", APPROVE),
    ("would it be allowed", "claude", "enforce", {**APPROVE, "explain": True}),
    ("the first approval", "bob", "run_action", APPROVE),
    ("the same approval", "bob", "run_action", APPROVE),
    ("the second approval", "cleo", "run_action", APPROVE),
    ("not in this state", "cleo", "run_action", APPROVE),
    ("where it stands", "claude", "get_workflow_state", {"instance": REVIEW, "history": True}),
    ("no news", "ana", "get_workflow_state", {"instance": REVIEW, "wait_s": 0.2}),
    ("the open ones", "ana", "get_workflow_state", {"workflow": "code-review"}),
    ("not an instance", "ana", "get_workflow_state", {"instance": "code-review:no@one"}),
    ("all policies", "claude", "get_policy", {}),
    ("one policy", "claude", "get_policy", {"name": "branch-protection"}),
    ("the rules of a push", "claude", "get_policy", {"action": "git.push"}),
    ("not a policy", "claude", "get_policy", {"name": "branch-protector"}),
    (
        "a record",
        "claude",
        "update_context",
        {"key": "tasks/42", "value": {"title": "Büro & Größe", "estimate": "3", "done": False}},
    ),
    (
        "a change of it",
        "claude",
        "update_context",
        {"key": "tasks/42", "value": {"done": True, "estimate": None}, "expected_version": 1},
    ),
    (
        "a late change of it",
        "claude",
        "update_context",
        {"key": "tasks/42", "value": {"done": False}, "expected_version": 1},
    ),
    ("a list", "ana", "update_context", {"key": "log/1", "value": ["a", 1], "mode": "replace"}),
    ("one more", "ana", "update_context", {"key": "log/1", "value": "42", "mode": "append"}),
    ("not its record", "claude", "update_context", {"key": "roadmap/1", "value": {"a": 1}}),
    ("the record", "claude", "get_context_data", {"key": "tasks/42"}),
    ("the list", "ana", "get_context_data", {"key": "log/1"}),
    ("its collection", "claude", "get_context_data", {"key": "tasks"}),
    ("a search", "claude", "get_context_data", {"query": "größe"}),
    ("the collections", "ana", "get_context_data", {}),
    ("no record", "claude", "get_context_data", {"key": "tasks/43"}),
    ("a push that is denied", "claude", "enforce", PUSH),
    ("a push that is asked", "claude", "enforce", {**PUSH, "params": FORCED}),
    ("by one policy", "claude", "enforce", {**PUSH, "policy": "secret-files"}),
    ("a secret", "claude", "enforce", {"action": "file.read", "params": {"path": "web/.env"}}),
    ("an unknown action", "claude", "run_action", {"action": "code-review.aprove"}),
    ("an ungranted action", "ci", "run_action", APPROVE),
    ("the wrong tool", "ci", "run_action", {"action": "event.git.pushed", "params": CHANGE}),
    ("an unknown fact", "claude", "enforce", {**PUSH, "facts": {"weather": "fine"}}),
)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """Give each face an empty store of its own."""
    if request.param == "sqlite":
        yield {name: f"sqlite:///{tmp_path}/{name}.db" for name in FACES}
        return
    with ExitStack() as stack:
        yield {name: stack.enter_context(postgres.database()) for name in FACES}


async def told(face: Face) -> dict[str, Answer]:
    """Tell the story through one face, and keep what lasts of every answer."""
    return {name: lasting(await face.ask(who, tool, sent)) for name, who, tool, sent in STORY}


async def test_every_face_gives_the_same_answers(
    tmp_path: Path, store_urls: Mapping[str, str]
) -> None:
    answers = {}
    for name, face in FACES.items():
        with served(copy_of_shipped(tmp_path / name), store_urls[name]) as server:
            answers[name] = await told(face(server.url))

    assert answers["older-mcp"] == answers["mcp"]
    assert answers["rest"] == answers["mcp"]
    assert answers["cli"] == answers["mcp"]


async def test_story_meets_refusals_of_every_common_kind_and_good_answers(
    tmp_path: Path, sqlite_url: str
) -> None:
    with served(copy_of_shipped(tmp_path / "house"), sqlite_url) as server:
        answers = await told(Rest(url=server.url))

    assert {answer.get("error") for answer in answers.values()} == {
        None,
        *("unknown", "bad-params", "runs-outside", "key-reused", "denied"),
        *("needs-approval", "not-in-state", "guard", "stale"),
    }
