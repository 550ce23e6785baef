from datetime import datetime

import pytest

from bylaw.base.plain import Record
from bylaw.decide.environment import environment
from bylaw.decide.policy import decide
from bylaw.model.actor import Actor
from bylaw.model.decision import Decision
from tests.content.calls import CANARY, CASES, CHANGE, DRY, SATURDAY, Case
from tests.content.houses import NOW, actor, snapshot


def decided(
    who: Actor,
    action: str,
    params: Record,
    *,
    workflow: str | None = None,
    now: datetime = NOW,
) -> Decision:
    house = snapshot()
    known = house.actions[action]
    env = environment(
        actor=who,
        action=known,
        params=known.params.filled(params),
        workflow=None if workflow is None else {"name": workflow},
        scope="main",
        now=now,
        facts={},
    )
    return decide(house, known, env)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_shipped_policies_decide(case: Case) -> None:
    decision = decided(
        actor(case.who), case.action, case.params, workflow=case.workflow, now=case.now
    )
    assert decision.verdict.value == case.verdict
    findings = (*decision.because, *decision.warnings)
    assert {finding.rule for finding in findings} >= ({case.rule} if case.rule else set())


def test_every_shipped_rule_decides_a_case() -> None:
    policies = snapshot().policies.values()
    rules = {rule.ref for policy in policies for rule in policy.rules}
    assert {case.rule for case in CASES if case.rule} == rules


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


def test_a_frozen_deployment_is_answered_with_a_dry_run_of_the_same_build() -> None:
    decision = decided(actor("rita"), "deploy.apply", CANARY, workflow="release", now=SATURDAY)
    advice = next(finding.advice for finding in decision.because if finding.advice)
    assert (advice.run, advice.params) == ("deploy.apply", DRY)
    again = decided(actor("rita"), "deploy.apply", DRY, now=SATURDAY)
    assert again.allowed


def test_a_forced_deletion_is_answered_with_the_trash() -> None:
    forced = {"path": "src/old pages", "recursive": True, "force": True}
    decision = decided(actor("claude"), "file.delete", forced)
    advice = next(finding.advice for finding in decision.because if finding.advice)
    assert advice.command == "trash 'src/old pages'"
