"""Documents compiled alone, against the names of a small house."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bylaw.base.node import plain
from bylaw.base.plain import digest
from bylaw.base.problem import Problem, sort_problems
from bylaw.compile.access import compile_access
from bylaw.compile.action import compile_action
from bylaw.compile.context import Context, KnownAction
from bylaw.compile.event import compile_event
from bylaw.compile.persona import compile_persona
from bylaw.compile.policy import compile_policy
from bylaw.compile.server import compile_server
from bylaw.compile.test import compile_test
from bylaw.model.document import Document
from bylaw.model.server import Server
from tests.trees import parse_documents

CASES = Path(__file__).parent.parent / "cases"


def compile_server_here(
    document: Document, _context: Context, *, problems: list[Problem]
) -> Server | None:
    """Compile a `bylaw.yaml` where no variable is set."""
    return compile_server(document, {}, problems=problems)


COMPILERS: dict[str, Callable[..., Any]] = {
    "policy": compile_policy,
    "persona": compile_persona,
    "access": compile_access,
    "action": compile_action,
    "event": compile_event,
    "server": compile_server_here,
    "test": compile_test,
}


def known(name: str, *params: str, tags: tuple[str, ...] = (), needs: int = 0) -> KnownAction:
    return KnownAction(
        name=name,
        tags=frozenset(tags),
        params=frozenset(params),
        required=frozenset(params[:needs]),
    )


ACTIONS = (
    known("file.read", "path", tags=("read-only",)),
    known("file.write", "path", "content"),
    known("git.push", "branch", "remote", "force"),
    known("git.merge", "branch", "into"),
    known("deploy.apply", "build", "percent", "dry_run"),
    known("tests.run", "repo", "branch", needs=2),
    known("code-review.start", "repo", "branch", "commit", needs=3),
    known("code-review.withdraw", "why", needs=1),
    known("event.tests.finished", "repo", "status"),
    known("context.write", "key", "value"),
    KnownAction(name="tools.any", tags=frozenset(), params=None),
)
CONTEXT = Context(
    roles=frozenset({"developer", "maintainer", "release-manager", "security", "ci"}),
    actors=frozenset({"ana", "bob"}),
    actions={action.name: action for action in ACTIONS},
    events={"tests.finished": frozenset({"repo", "status"})},
    workflows=frozenset({"code-review"}),
    vars={"protected": ["main"], "ci_url": "https://ci.acme.example/api"},
    secrets=frozenset({"CI_TOKEN"}),
    hosts=("ci.acme.example", "localhost:8010"),
    digest="context",
)


def document(text: str, *, file: str = "input.yaml") -> Document:
    roots, problems = parse_documents(text.encode(), file=file)
    assert not problems, "\n".join(map(str, problems))
    content = plain(roots[0])
    return Document(
        kind=content["kind"],
        name=content["name"],
        place=roots[0].key("name").place,
        digest=digest(content),
        root=roots[0],
    )


def compiled_or_not(text: str) -> tuple[Any, tuple[Problem, ...]]:
    """Return what a document compiles to, and what is wrong with it."""
    problems: list[Problem] = []
    read = document(text)
    body = COMPILERS[read.kind](read, CONTEXT, problems=problems)
    return body, sort_problems(problems)


def compiled(text: str) -> Any:
    """Return what a document without mistakes compiles to."""
    body, problems = compiled_or_not(text)
    assert body is not None, "\n".join(map(str, problems))
    return body
