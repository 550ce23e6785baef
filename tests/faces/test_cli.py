"""The command line, against a real server in a thread, and the start without one."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bylaw.base.plain import Plain
from bylaw.faces.cli.main import main
from bylaw.faces.cli.show import command, shown
from bylaw.faces.cli.verb import VERBS, WRITE_CONTEXT
from bylaw.services.tools import TOOLS
from tests.faces.scripted import DENIED, ScriptedDoor, app_of, serving


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A server to ask, and what it was asked."""

    door: ScriptedDoor
    url: str

    def __call__(self, *words: str) -> int:
        return main([*words, "--url", self.url])

    @property
    def asked(self) -> list[tuple[str, dict[str, Plain]]]:
        return [(tool, arguments) for tool, arguments, _ in self.door.asked]


@pytest.fixture(scope="module")
def server() -> Iterator[Run]:
    door = ScriptedDoor()
    with serving(app_of(door)) as url:
        yield Run(door=door, url=url)


@pytest.fixture
def bylaw(server: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("BYLAW_URL", "BYLAW_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    server.door.asked.clear()
    server.door.script.clear()
    return server


@pytest.mark.parametrize(
    ("words", "tool", "arguments"),
    [
        (["actions"], "get_available_actions", {}),
        (
            ["actions", "--filter", "code-review.*", "--limit", "5", "--explain"],
            "get_available_actions",
            {"filter": "code-review.*", "limit": 5, "explain": True},
        ),
        (
            ["actions", "--fact", "on_call=true", "--fact", "who=ana"],
            "get_available_actions",
            {"facts": {"on_call": True, "who": "ana"}},
        ),
        (["state"], "get_workflow_state", {}),
        (
            ["state", "code-review:acme/web@feature/x", "--wait-s", "0.5", "--history"],
            "get_workflow_state",
            {"instance": "code-review:acme/web@feature/x", "wait_s": 0.5, "history": True},
        ),
        (["policy", "freeze"], "get_policy", {"name": "freeze"}),
        (["policy", "--action", "git.push"], "get_policy", {"action": "git.push"}),
        (["context"], "get_context_data", {}),
        (["context", "tasks/ä b"], "get_context_data", {"key": "tasks/ä b"}),
        (
            ["context", "tasks/ä b", "--value", '{"done": true}', "--mode", "replace"],
            "update_context",
            {"key": "tasks/ä b", "value": {"done": True}, "mode": "replace"},
        ),
        (["context", "log", "--value", "null"], "update_context", {"key": "log", "value": None}),
        (
            ["run", "code-review.submit", "--param", "branch=x", "--param", "title=1.5 = a"],
            "run_action",
            {"action": "code-review.submit", "params": {"branch": "x", "title": "1.5 = a"}},
        ),
        (
            ["run", "a", "--params", '{"b": 1}', "--param", "c=[2]", "--expected-version", "3"],
            "run_action",
            {"action": "a", "params": {"b": 1, "c": [2]}, "expected_version": 3},
        ),
        (
            ["event", "tests.finished", "--param", "passed=true", "--id", "42"],
            "trigger_event",
            {"event": "tests.finished", "params": {"passed": True}, "id": "42"},
        ),
        (["enforce", "git.push"], "enforce", {"action": "git.push"}),
    ],
)
def test_each_verb_asks_its_tool(
    bylaw: Run, words: list[str], tool: str, arguments: dict[str, Plain]
) -> None:
    assert bylaw(*words) == 0
    assert bylaw.asked == [(tool, arguments)]


def test_every_tool_has_a_verb() -> None:
    assert {verb.tool for verb in VERBS} | {WRITE_CONTEXT} == {tool.name for tool in TOOLS}


def test_a_refusal_shows_rule_and_place_and_the_next_call_to_copy(
    bylaw: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    bylaw.door.script["run_action"] = DENIED

    code = bylaw("run", "code-review.merge")

    told = capsys.readouterr()
    assert (code, told.out) == (1, "")
    assert told.err.splitlines() == [
        "denied: Not done: main is frozen.",
        "  rules/freeze.yaml:9  freeze/no-merge  deny",
        "correlation_id: req_1",
        "next:",
        "  bylaw run code-review.submit   # Try it.",
    ]


def test_json_is_the_answer_as_it_came_on_standard_output(
    bylaw: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    bylaw.door.script["enforce"] = DENIED

    code = bylaw("enforce", "git.push", "--json")

    assert code == 1
    assert json.loads(capsys.readouterr().out) == DENIED


def test_the_token_says_who_calls(
    bylaw: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BYLAW_TOKEN", "ana-token")

    assert bylaw("enforce", "a") == 0
    assert bylaw("enforce", "a", "--token", "wrong") == 1

    assert bylaw.door.asked[0][2].actor.id == "ana"
    assert "unauthenticated" in capsys.readouterr().err


def test_the_status_is_shown(bylaw: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert bylaw("status") == 0
    assert "policies: freeze" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nonsense"],
        ["run"],
        ["run", "a", "--params", "{"],
        ["run", "a", "--params", "[1]"],
        ["run", "a", "--param", "branch"],
        ["run", "a", "--param", "b=1", "--param", "b=2"],
        ["run", "a", "--expected-version", "two"],
        ["actions", "--limit", "many"],
        ["context", "--value", "1"],
        ["context", "a", "--value", "1", "--query", "b"],
        ["context", "a", "--mode", "merge"],
        ["enforce", "a", "--url", "ftp://x"],
        ["enforce", "a", "--url", "nonsense"],
        ["enforce", "a", "--url", "http://x:port"],
        ["enforce", "a", "--token", "a\nb"],
    ],
)
def test_a_line_that_cannot_be_read_is_usage(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BYLAW_URL", "http://127.0.0.1:9")

    assert main(words) == 2


def test_no_server_is_said_and_how_to_start_one(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["actions", "--url", "http://127.0.0.1:9"])

    assert code == 3
    assert "`bylaw serve`" in capsys.readouterr().err


def test_a_server_that_is_not_bylaw_is_no_server() -> None:
    other = Starlette(routes=[Route("/actions", lambda _: PlainTextResponse("hello"))])
    with serving(other) as url:
        assert main(["actions", "--url", url]) == 3


def test_a_next_call_is_a_line_that_gives_the_same_arguments(bylaw: Run) -> None:
    arguments = {
        "action": "code-review.submit",
        "params": {"branch": "it's", "title": "42", "count": 42, "open": True},
        "instance": "code-review:acme/web@feature/x",
        "expected_version": 3,
    }
    line = command({"tool": "run_action", "arguments": arguments, "why": "because"})

    words = subprocess.run(
        ["sh", "-c", f"printf '%s\\0' {line}"], capture_output=True, text=True, check=True
    ).stdout.split("\0")
    code = bylaw(*words[1:-1])

    assert code == 0
    assert bylaw.asked == [("run_action", arguments)]


def test_next_that_only_says_something_is_shown_as_it_stands() -> None:
    assert command({"say": "Ask a maintainer."}) == "Ask a maintainer."


def test_what_is_blocked_is_shown_with_why_and_the_call_that_unlocks_it() -> None:
    call = {"tool": "run_action", "arguments": {"action": "tests.run"}, "why": "First."}
    why = {"rule": "review/submit", "at": "workflows/review.yaml:3", "message": "Not green."}
    answer = {"ok": True, "blocked": [{"action": "submit", "because": [why], "next": [call]}]}

    assert shown(answer).splitlines()[1:] == [
        "blocked:",
        "  - action: submit",
        "      workflows/review.yaml:3  review/submit  Not green.",
        "      next:",
        "        bylaw run tests.run   # First.",
    ]


def test_what_is_empty_is_shown_as_empty() -> None:
    assert shown({"ok": True, "data": {"approved_by": [], "problem": ""}}).splitlines()[2:] == [
        "  approved_by: []",
        '  problem: ""',
    ]


def test_enforce_of_a_call_that_is_not_allowed_is_refused(bylaw: Run) -> None:
    bylaw.door.script["enforce"] = {"ok": True, "summary": "Not allowed.", "allowed": False}

    assert bylaw("enforce", "git.push", "--param", "branch=main") == 1


def test_what_a_server_sends_cannot_steer_the_terminal() -> None:
    text = shown({"ok": True, "summary": "a\x1b[2Jb\r\nc", "data": {"x\x07": "\u202e"}})

    assert text == "a\\x1b[2Jb\\r\\nc\ndata:\n  x\\x07: \\u202e"


def test_help_and_version_need_nothing_of_the_engine() -> None:
    loud = [
        "fastmcp",
        "fastapi",
        "starlette",
        "sqlalchemy",
        "pydantic",
        "asyncio",
        "uvicorn",
        "ssl",
    ]
    script = (
        "import sys\nfrom bylaw.__main__ import main\ncode = main(['--help'])\n"
        f"print([name for name in {loud} if name in sys.modules], file=sys.stderr)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert found.stderr.strip() == "[]"
    assert "enforce" in found.stdout
