from dataclasses import dataclass

import pytest

from bylaw.base.plain import Record
from bylaw.decide.environment import environment
from bylaw.decide.policy import decide
from bylaw.model.actor import Actor
from bylaw.model.decision import Decision
from tests.content.houses import NOW, actor, snapshot


@dataclass(frozen=True, kw_only=True)
class Case:
    """A call of the shipped house and what its policies say."""

    who: str
    action: str
    params: Record
    verdict: str
    rule: str = ""
    workflow: str | None = None

    def __str__(self) -> str:
        """Return the call and the verdict, for the name of the test."""
        said = " ".join(f"{name}={value}" for name, value in self.params.items())
        inside = f" in {self.workflow}" if self.workflow else ""
        return f"{self.who} {self.action} {said}{inside}: {self.verdict}"


def decided(who: Actor, action: str, params: Record, *, workflow: str | None = None) -> Decision:
    house = snapshot()
    known = house.actions[action]
    env = environment(
        actor=who,
        action=known,
        params=known.params.filled(params),
        workflow=None if workflow is None else {"name": workflow},
        scope="main",
        now=NOW,
        facts={},
    )
    return decide(house, known, env)


CHANGE = {"repo": "acme/web", "branch": "feature/x", "commit": "c1"}
CASES = [
    Case(who="claude", action="git.push", params={"branch": "feature/x"}, verdict="none"),
    Case(
        who="claude",
        action="git.push",
        params={"branch": "main"},
        verdict="deny",
        rule="branch-protection/no-direct-push",
    ),
    Case(
        who="bob",
        action="git.push",
        params={"branch": "release/1.2"},
        verdict="deny",
        rule="branch-protection/no-direct-push",
    ),
    Case(
        who="ana",
        action="git.push",
        params={"branch": "feature/x", "force": True},
        verdict="ask",
        rule="branch-protection/forced-push-needs-a-maintainer",
    ),
    Case(
        who="claude",
        action="git.push",
        params={"branch": "agent/claude", "force": True},
        verdict="none",
    ),
    Case(
        who="bob",
        action="git.merge",
        params=CHANGE | {"into": "main"},
        verdict="deny",
        rule="branch-protection/merge-only-by-review",
    ),
    Case(
        who="bob",
        action="git.merge",
        params=CHANGE | {"into": "main"},
        workflow="code-review",
        verdict="none",
    ),
    Case(who="bob", action="git.merge", params=CHANGE | {"into": "develop"}, verdict="none"),
    Case(
        who="claude",
        action="file.read",
        params={"path": "deploy/.env"},
        verdict="deny",
        rule="secret-files/agents-keep-out",
    ),
    Case(
        who="claude",
        action="file.delete",
        params={"path": "~/.ssh/id_ed25519"},
        verdict="deny",
        rule="secret-files/agents-keep-out",
    ),
    Case(who="claude", action="file.read", params={"path": ".env.example"}, verdict="none"),
    Case(who="claude", action="file.read", params={"path": "src/a.py"}, verdict="none"),
    Case(
        who="ana",
        action="file.read",
        params={"path": ".env"},
        verdict="warn",
        rule="secret-files/people-are-warned",
    ),
    Case(
        who="claude",
        action="file.write",
        params={"path": "rules/secret-files.yaml", "content": ""},
        verdict="ask",
        rule="house-files/agents-ask-first",
    ),
    Case(
        who="claude",
        action="file.delete",
        params={"path": "/srv/house/bylaw.yaml"},
        verdict="ask",
        rule="house-files/agents-ask-first",
    ),
    Case(
        who="ana",
        action="file.write",
        params={"path": "rules/secret-files.yaml", "content": ""},
        verdict="none",
    ),
    Case(
        who="claude",
        action="event.tests.finished",
        params=CHANGE | {"status": "passed"},
        verdict="deny",
        rule="test-reports/agents-run-tests",
    ),
    Case(
        who="ci",
        action="event.tests.finished",
        params=CHANGE | {"status": "passed"},
        verdict="none",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_shipped_policies_decide(case: Case) -> None:
    decision = decided(actor(case.who), case.action, case.params, workflow=case.workflow)
    assert decision.verdict.value == case.verdict
    findings = (*decision.because, *decision.warnings)
    assert {finding.rule for finding in findings} >= ({case.rule} if case.rule else set())


def test_a_path_that_was_not_sent_counts_as_a_secret() -> None:
    decision = decided(actor("claude"), "file.read", {})
    assert decision.verdict.value == "deny"
    assert "params.path" in {name for finding in decision.because for name in finding.missing}


def test_a_push_to_a_protected_branch_is_answered_with_a_command() -> None:
    decision = decided(actor("claude"), "git.push", {"branch": "main"})
    advice = next(finding.advice for finding in decision.because if finding.advice)
    assert advice.command == "git push origin HEAD:agent/claude"


def test_a_report_of_own_tests_is_answered_with_the_run_of_the_same_commit() -> None:
    params = CHANGE | {"status": "passed"}
    decision = decided(actor("claude"), "event.tests.finished", params)
    advice = next(finding.advice for finding in decision.because if finding.advice)
    assert (advice.run, advice.params) == ("tests.run", CHANGE)
