"""What personas say, and what it weighs."""

import pytest

from bylaw.decide.persona import consult
from bylaw.decide.policy import decide
from bylaw.model.policy import Effect
from tests.decide.houses import action, decided, env, house

SECURITY = """
kind: persona
name: security
title: Security engineer
consult: {actions: ["file.*", git.push]}
weight: 2
veto: true
checks:
  - name: touches-secrets
    actions: ["file.*"]
    when: glob(params.path, "**/.env")
    vote: deny
    confidence: 0.9
    advice: Leave ${params.path} alone.
  - name: rewrites-history
    actions: [git.push]
    when: params.force
    vote: warn
    confidence: 0.6
"""

QUALITY = """
kind: persona
name: quality
consult: {actions: ["file.*"]}
checks:
  - {name: likes-docs, when: 'glob(params.path, "docs/**")', vote: allow, confidence: 0.8}
  - {name: too-long, when: len(params.content) > 10, vote: deny, confidence: 0.5}
"""


def test_a_veto_denies_what_no_policy_denies() -> None:
    decision = decided(house(SECURITY), "file.read", {"path": ".env"})
    (finding,) = decision.because
    assert decision.verdict is Effect.DENY
    assert finding.rule == "persona/security#touches-secrets"
    assert finding.message == "Leave .env alone."


def test_without_a_veto_a_persona_only_advises() -> None:
    snapshot = house(SECURITY, QUALITY)
    decision = decided(snapshot, "file.write", {"path": "a.py", "content": "much too long"})
    assert decision.verdict is Effect.NONE
    assert decision.consultation is not None
    assert decision.consultation.score == -1


def test_a_veto_in_doubt_denies_and_names_what_is_missing() -> None:
    decision = decided(house(SECURITY), "file.read", {})
    assert decision.verdict is Effect.DENY
    assert decision.because[0].missing == ("params.path",)


def test_a_listing_depends_on_what_a_veto_looks_at() -> None:
    snapshot = house(SECURITY)
    read = action(snapshot, "file.read")
    decision = decide(snapshot, read, env(snapshot, "file.read", {}), listing=True)
    assert (decision.verdict, decision.depends) == (Effect.NONE, ("path",))


def test_one_policy_asked_alone_asks_no_persona() -> None:
    rules = (
        "kind: policy\nname: p\napplies: {actions: [file.read]}\nrules: [{name: r, effect: warn}]"
    )
    snapshot = house(SECURITY, rules)
    read = action(snapshot, "file.read")
    decision = decide(snapshot, read, env(snapshot, "file.read", {"path": ".env"}), only="p")
    assert decision.verdict is Effect.WARN


def test_the_score_is_the_weighted_mean_of_the_votes() -> None:
    snapshot = house(SECURITY, QUALITY)
    seen = env(snapshot, "file.write", {"path": "docs/.env", "content": ""})
    said = consult(snapshot, action(snapshot, "file.write"), seen)
    assert [one.vote for one in said.opinions] == ["deny", "allow"]
    assert said.score == pytest.approx((2 * -1 + 1 * 1) / 3)
    variance = (2 * (-1 + 1 / 3) ** 2 + (1 + 1 / 3) ** 2) / 3
    assert said.confidence == pytest.approx((1 - variance) * 1 * (0.9 + 0.8) / 2)
    assert said.dissent == ("quality",)


def test_a_persona_with_nothing_to_say_abstains() -> None:
    snapshot = house(QUALITY)
    seen = env(snapshot, "file.write", {"path": "a.py", "content": ""})
    said = consult(snapshot, action(snapshot, "file.write"), seen)
    assert [one.vote for one in said.opinions] == ["abstain"]
    assert (said.score, said.confidence) == (0.0, 0.0)


def test_an_error_is_an_abstention_and_lowers_the_coverage() -> None:
    snapshot = house(SECURITY, QUALITY)
    seen = env(snapshot, "file.write", {"path": ".env"})
    said = consult(snapshot, action(snapshot, "file.write"), seen)
    assert {one.persona: one.vote for one in said.opinions} == {
        "quality": "abstain",
        "security": "deny",
    }
    assert said.confidence == pytest.approx(1 * (1 / 2) * 0.9)


def test_the_strictest_check_is_the_vote() -> None:
    snapshot = house(QUALITY)
    seen = env(snapshot, "file.write", {"path": "docs/a.md", "content": "much too long"})
    said = consult(snapshot, action(snapshot, "file.write"), seen)
    assert [(one.vote, one.check) for one in said.opinions] == [
        ("deny", "persona/quality#too-long")
    ]
