from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bylaw.base.plain import Record
from bylaw.decide.environment import environment
from bylaw.decide.persona import consult
from tests.content.houses import NOW, actor, snapshot

FRIDAY_AFTERNOON = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)  # half past two in Berlin
QUIET: Record = {"name": "incident", "data": {"notes": []}}
NOTED: Record = {"name": "incident", "data": {"notes": ["The pool is full."]}}
RELEASE: Record = {"name": "release", "data": {}}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A call, and the check of a persona that speaks; without a check the persona is silent."""

    persona: str
    action: str
    params: Record
    check: str = ""
    vote: str = "abstain"
    who: str = "claude"
    workflow: Record | None = None
    now: datetime = NOW

    @property
    def ref(self) -> str:
        """Return the check as answers name it."""
        return f"persona/{self.persona}#{self.check}" if self.check else ""

    def __str__(self) -> str:
        """Return the call and the check, for the name of the test."""
        return f"{self.persona}#{self.check or 'silent'} {self.action} {str(self.params)[:60]}"


CASES = [
    Case(
        persona="security",
        action="file.read",
        params={"path": "web/.env"},
        check="touches-secrets",
        vote="deny",
    ),
    Case(persona="security", action="file.read", params={"path": "web/.env.example"}),
    Case(persona="security", action="file.read", params={"path": "web/.env"}, who="ana"),
    Case(
        persona="security",
        action="git.push",
        params={"branch": "feature/x", "force": True},
        check="rewrites-history",
        vote="warn",
    ),
    Case(persona="security", action="git.push", params={"branch": "feature/x"}),
    Case(
        persona="security",
        action="file.write",
        params={"path": "web/Dockerfile"},
        check="widens-what-ci-may-do",
        vote="warn",
    ),
    Case(
        persona="security",
        action="web.fetch",
        params={"url": "http://example.org/a.sh"},
        check="fetches-in-the-clear",
        vote="warn",
    ),
    Case(persona="security", action="web.fetch", params={"url": "http://localhost:8010/"}),
    Case(persona="security", action="web.fetch", params={"url": "https://example.org/"}),
    Case(
        persona="architecture",
        action="file.write",
        params={"path": "db/migrations/0007.py"},
        check="changes-stored-data",
        vote="warn",
    ),
    Case(
        persona="architecture",
        action="file.delete",
        params={"path": "api/openapi.yaml"},
        check="changes-a-contract",
        vote="warn",
    ),
    Case(
        persona="architecture",
        action="file.write",
        params={"path": "src/a.py", "content": "x" * 60_001},
        check="very-large-file",
        vote="warn",
    ),
    Case(persona="architecture", action="file.write", params={"path": "src/a.py"}),
    Case(
        persona="quality",
        action="code-review.submit",
        params={"summary": "Adds a page."},
        check="says-too-little",
        vote="warn",
    ),
    Case(
        persona="quality",
        action="git.push",
        params={"branch": "main"},
        check="pushes-past-review",
        vote="deny",
    ),
    Case(
        persona="quality",
        action="file.delete",
        params={"path": "tests/test_login.py"},
        check="deletes-tests",
        vote="warn",
    ),
    Case(persona="quality", action="file.delete", params={"path": "src/login.py"}),
    Case(
        persona="operations",
        action="deploy.apply",
        params={"build": "b7"},
        check="all-users-at-once",
        vote="deny",
    ),
    Case(persona="operations", action="deploy.apply", params={"build": "b7"}, workflow=RELEASE),
    Case(persona="operations", action="deploy.apply", params={"build": "b7", "percent": 10}),
    Case(persona="operations", action="deploy.apply", params={"build": "b7", "dry_run": True}),
    Case(
        persona="operations",
        action="release.ship",
        params={},
        check="late-on-friday",
        vote="warn",
        now=FRIDAY_AFTERNOON,
    ),
    Case(persona="operations", action="release.ship", params={}),
    Case(
        persona="operations",
        action="incident.mitigate",
        params={},
        check="well-again-at-once",
        vote="warn",
        workflow=QUIET,
    ),
    Case(persona="operations", action="incident.mitigate", params={}, workflow=NOTED),
    Case(
        persona="product",
        action="code-review.submit",
        params={"summary": "Refactors the login and its tests."},
        check="says-what-was-typed",
        vote="warn",
    ),
    Case(
        persona="product",
        action="code-review.submit",
        params={"summary": "Customers can log in with a passkey."},
    ),
    Case(
        persona="product",
        action="release.write-notes",
        params={"text": "Passkeys. Bump the linter and merge branch feature/x."},
        check="notes-for-developers",
        vote="warn",
    ),
    Case(
        persona="product",
        action="release.write-notes",
        params={"text": "Customers can log in with a passkey, and search is faster."},
    ),
    Case(
        persona="product",
        action="task.finish",
        params={"result": "It works now."},
        check="finished-without-a-place",
        vote="warn",
    ),
    Case(persona="product", action="task.finish", params={"result": "In acme/web@feature/x."}),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_shipped_personas_speak_where_they_should_and_nowhere_else(case: Case) -> None:
    known = snapshot().actions[case.action]
    env = environment(
        actor=actor(case.who),
        action=known,
        params=known.params.filled(case.params),
        workflow=case.workflow,
        scope="main",
        now=case.now,
    )
    opinions = {one.persona: one for one in consult(snapshot(), known, env).opinions}
    spoken = opinions[case.persona]
    assert (spoken.check, spoken.vote) == (case.ref, case.vote)


def test_every_check_of_a_shipped_persona_speaks_in_a_case() -> None:
    checks = {check.ref for persona in snapshot().personas.values() for check in persona.checks}
    assert {case.ref for case in CASES if case.check} == checks


def test_only_security_has_a_veto() -> None:
    vetoes = {persona.name for persona in snapshot().personas.values() if persona.veto}
    assert vetoes == {"security"}
