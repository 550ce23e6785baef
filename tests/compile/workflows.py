from functools import cache
from pathlib import Path

from bylaw.base.node import plain
from bylaw.base.plain import Plain, canonical, digest
from bylaw.base.problem import Problem, sort_problems
from bylaw.compile.context import Context, KnownAction
from bylaw.compile.workflow import compile_tables, compile_workflow
from bylaw.model.document import Document
from bylaw.model.workflow import Workflow
from tests.trees import parse_documents

CASES = Path(__file__).parent.parent / "cases" / "workflow"

ROLES = frozenset(
    {"developer", "reviewer", "maintainer", "release-manager", "security", "on-call"}
    | {"incident-lead", "admin", "ci"}
)
EVENTS = {
    "alert.fired": frozenset({"alert", "repo", "version", "severity", "text"}),
    "alert.over": frozenset({"alert"}),
    "git.pushed": frozenset({"repo", "branch", "commit"}),
    "tests.finished": frozenset({"repo", "branch", "commit", "status"}),
    "ping": frozenset({"n"}),
}
ACTIONS = {
    "notify.send": ("to", "text"),
    "page.send": ("to", "text"),
    "tests.run": ("repo", "branch"),
    "git.merge": ("repo", "branch", "commit", "into"),
    "ci.build": ("repo", "version"),
    "ci.check": ("build", "suite"),
    "deploy.apply": ("build", "percent"),
    "deploy.rollback": ("repo",),
}


def known(name: str, params: tuple[str, ...]) -> KnownAction:
    return KnownAction(
        name=name, tags=frozenset(), params=frozenset(params), required=frozenset(params)
    )


CONTEXT = Context(
    roles=ROLES,
    actors=frozenset({"ana", "ben"}),
    actions={name: known(name, params) for name, params in ACTIONS.items()},
    events=EVENTS,
    workflows=frozenset(),
    vars={"protected": ["main"]},
    secrets=frozenset(),
    hosts=(),
    digest="context",
)


def document(text: str, *, file: str = "input.yaml") -> Document:
    roots, problems = parse_documents(text.encode(), file=file)
    assert not problems, problems
    content = plain(roots[0])
    return Document(
        kind="workflow",
        name=content["name"],
        place=roots[0].key("name").place,
        digest=digest(content),
        root=roots[0],
    )


def compiled_or_not(text: str) -> tuple[Workflow | None, tuple[Problem, ...]]:
    problems: list[Problem] = []
    workflow = compile_workflow(document(text), CONTEXT, problems=problems)
    return workflow, sort_problems(problems)


def workflow_of(text: str) -> Workflow:
    workflow, problems = compiled_or_not(text)
    assert workflow is not None, "\n".join(map(str, problems))
    return workflow


@cache
def case(name: str) -> Workflow:
    return workflow_of((CASES / name / "input.yaml").read_text())


def tables_of(content: Plain) -> Workflow:
    """Compile a generated chart, whose states may hang together as they like."""
    problems: list[Problem] = []
    workflow = compile_tables(document(canonical(content)), CONTEXT, problems=problems)
    assert workflow is not None
    assert not problems, "\n".join(map(str, problems))
    return workflow
