"""What policies decide, with the policies of a real house."""

from datetime import timedelta

import pytest

from bylaw.base.plain import Record
from bylaw.decide.policy import decide
from bylaw.model.actor import Actor
from bylaw.model.policy import Effect
from tests.decide.houses import ANA, BOB, CLAUDE, EVE, NOW, action, decided, env, house

BRANCHES = """
kind: policy
name: branch-protection
applies: {actions: [git.push, git.merge]}
always: true
rules:
  - name: no-direct-push
    actions: [git.push]
    when: glob_any(params.branch, protected)
    effect: deny
    message: ${params.branch} is protected.
    instead:
      say: Push to a branch of your own.
      command: git push origin HEAD:agent/${actor.id}
  - name: merge-only-by-review
    actions: [git.merge]
    when: glob_any(params.into, protected)
    unless:
      - {name: the-review-itself, when: workflow.name == "code-review"}
      - {name: release-managers, who: [release-manager], until: 2026-11-30}
    effect: deny
    message: ${params.into} takes merges from the workflow `code-review` only.
  - name: forced-push-needs-two
    actions: [git.push]
    when: params.force
    unless: glob(params.branch, "agent/*")
    effect: ask
    approvers: {maintainer: 1, security: 1}
    expires: 4h
    message: A forced push rewrites ${params.branch} for everybody.
"""

SECRETS = """
kind: policy
name: secret-files
applies: {actions: ["file.*"]}
vars:
  secrets: ["**/.env", "**/.env.*"]
  samples: ["**/.env.example"]
rules:
  - name: agents-keep-out
    who: [kind:agent]
    when: glob_any(params.path, secrets)
    unless: glob_any(params.path, samples)
    effect: deny
    message: ${params.path} holds secrets.
  - name: people-are-warned
    who: [kind:human]
    when: glob_any(params.path, secrets)
    unless: glob_any(params.path, samples)
    effect: warn
    message: ${params.path} holds secrets. This access is recorded.
"""

RUNBOOKS = """
kind: policy
name: runbook-ownership
applies: {actions: ["runbook.*"]}
default: deny
groups:
  owner: actor.id == resource.owner
rules:
  - name: everybody-reads
    actions: [runbook.read]
    who: [developer, admin]
    effect: allow
  - name: owners-change
    actions: [runbook.update, runbook.delete]
    who: [owner, admin]
    effect: allow
  - name: in-use-stays
    actions: [runbook.delete]
    when: resource.open_incidents > 0
    effect: deny
    message: ${resource.open_incidents} open incidents use this runbook.
    instead: {run: runbook.update, with: {id: "${params.id}", archived: true}, say: Archive it.}
"""

FREEZE = """
kind: policy
name: change-freeze
applies: {actions: [deploy.apply]}
conditions:
  office_hours: weekday(now, "Europe/Berlin") <= 5 and 9 <= hour(now, "Europe/Berlin") < 16
rules:
  - name: office-hours-only
    when: not office_hours and not params.dry_run
    unless:
      - {name: incident-fix, who: [on-call], when: params.incident != ""}
    effect: deny
    message: Deploys from Monday to Friday.
    instead: {run: deploy.apply, with: {dry_run: true}, say: Make a dry run.}
"""

REFUNDS = """
kind: policy
name: refunds
applies: {actions: [ledger.refund]}
rules:
  - name: large-ones-need-two
    when: params.cents > 10000
    effect: ask
    approvers: [maintainer, admin]
    needs: 2
    message: ${params.cents} cents is more than 100 euros.
"""

DEFAULTS = """
kind: policy
name: safer-defaults
applies: {actions: [deploy.apply]}
rules:
  - name: dry-run-first
    when: not params.dry_run
    effect: transform
    change: {params.dry_run: true}
    message: This became a dry run.
"""

SHADOW = DEFAULTS.replace("applies:", "mode: shadow\nuntil: 2026-12-31\napplies:")


def a_policy(name: str, actions: str, rules: str, *, head: str = "") -> str:
    return f"kind: policy\nname: {name}\napplies: {{actions: {actions}}}\n{head}rules:\n{rules}"


@pytest.mark.parametrize(
    ("params", "verdict"),
    [
        ({"branch": "feature/x", "force": False}, Effect.NONE),
        ({"branch": "main", "force": False}, Effect.DENY),
        ({"branch": "release/1", "force": False}, Effect.DENY),
        ({"branch": "feature/x", "force": True}, Effect.ASK),
        ({"branch": "agent/x", "force": True}, Effect.NONE),
        ({"branch": "main", "force": True}, Effect.DENY),
        ({}, Effect.DENY),
    ],
)
def test_protected_branches_take_no_direct_push(params: Record, verdict: Effect) -> None:
    assert decided(house(BRANCHES), "git.push", params).verdict is verdict


def test_a_denial_says_which_rule_where_why_and_what_to_do_instead() -> None:
    decision = decided(house(BRANCHES), "git.push", {"branch": "main", "force": False})
    (finding,) = decision.because
    assert finding.rule == "branch-protection/no-direct-push"
    assert finding.place.short == "1.yaml:6"
    assert finding.message == "main is protected."
    assert finding.advice is not None
    assert finding.advice.command == "git push origin HEAD:agent/claude"
    assert finding.clauses[0].saw["params.branch"] == "main"


def test_a_missing_param_counts_as_matched_and_is_named() -> None:
    decision = decided(house(BRANCHES), "git.push", {"force": False})
    assert decision.because[0].missing == ("params.branch",)


def test_a_merge_out_of_the_review_is_excused() -> None:
    review = {"name": "code-review", "id": "code-review:x", "state": "merging"}
    merge = {"branch": "x", "into": "main"}
    assert decided(house(BRANCHES), "git.merge", merge, workflow=review).allowed
    assert not decided(house(BRANCHES), "git.merge", merge).allowed


def test_an_exception_ends_after_its_last_day() -> None:
    rita = Actor(id="rita", kind="human", roles=("release-manager",))
    merge = {"branch": "x", "into": "main"}
    last_day = NOW.replace(day=30)
    snapshot = house(BRANCHES)
    assert decided(snapshot, "git.merge", merge, actor=rita, now=last_day).allowed
    later = last_day + timedelta(days=1)
    assert not decided(snapshot, "git.merge", merge, actor=rita, now=later).allowed


def test_an_ask_names_its_approvers() -> None:
    decision = decided(house(BRANCHES), "git.push", {"branch": "x", "force": True})
    approval = decision.because[0].approval
    assert approval is not None
    assert approval.approvers == {"maintainer": 1, "security": 1}
    assert (approval.needs, approval.expires_s) == (2, 4 * 3600)


def test_a_list_of_approvers_means_any_of_them() -> None:
    decision = decided(house(REFUNDS), "ledger.refund", {"payment": "p", "cents": 20_000})
    approval = decision.because[0].approval
    assert approval is not None
    assert (approval.any_of, approval.needs) == (("maintainer", "admin"), 2)
    assert decision.because[0].message == "20000 cents is more than 100 euros."


@pytest.mark.parametrize(
    ("actor", "path", "verdict"),
    [
        (CLAUDE, ".env", Effect.DENY),
        (CLAUDE, ".env.example", Effect.NONE),
        (ANA, "config/.env.local", Effect.WARN),
        (ANA, "src/a.py", Effect.NONE),
    ],
)
def test_secrets_are_kept_from_agents(actor: Actor, path: str, verdict: Effect) -> None:
    decision = decided(house(SECRETS), "file.read", {"path": path}, actor=actor)
    assert decision.verdict is verdict


def test_a_warning_lets_the_call_go_ahead() -> None:
    decision = decided(house(SECRETS), "file.read", {"path": ".env"}, actor=ANA)
    assert decision.allowed
    (warning,) = decision.warnings
    assert warning.message == ".env holds secrets. This access is recorded."


@pytest.mark.parametrize(
    ("actor", "name", "verdict"),
    [
        (ANA, "runbook.read", Effect.ALLOW),
        (ANA, "runbook.update", Effect.ALLOW),
        (BOB, "runbook.update", Effect.DENY),
        (EVE, "runbook.update", Effect.ALLOW),
    ],
)
def test_owners_change_their_runbooks(actor: Actor, name: str, verdict: Effect) -> None:
    resource = {"owner": "ana", "open_incidents": 0}
    decision = decided(house(RUNBOOKS), name, {"id": "r"}, actor=actor, resource=resource)
    assert decision.verdict is verdict


def test_a_deny_beats_an_allow_of_the_same_policy() -> None:
    resource = {"owner": "ana", "open_incidents": 2}
    decision = decided(
        house(RUNBOOKS), "runbook.delete", {"id": "r"}, actor=ANA, resource=resource
    )
    assert [one.rule for one in decision.because] == ["runbook-ownership/in-use-stays"]
    assert decision.because[0].advice is not None
    assert decision.because[0].advice.params == {"id": "r", "archived": True}


def test_a_default_denial_says_what_the_nearest_rule_lacks() -> None:
    resource = {"owner": "ana", "open_incidents": 0}
    decision = decided(
        house(RUNBOOKS), "runbook.update", {"id": "r"}, actor=BOB, resource=resource
    )
    (finding,) = decision.because
    assert finding.rule == "runbook-ownership"
    assert finding.clauses[0].text == "owners-change: who"
    assert finding.clauses[0].needs == "one of owner, admin"


def test_a_group_that_is_not_known_grants_nothing_and_is_named() -> None:
    decision = decided(house(RUNBOOKS), "runbook.update", {"id": "r"}, actor=BOB)
    assert decision.verdict is Effect.DENY
    assert decision.because[0].missing == ("resource",)


def test_a_group_that_is_not_known_counts_in_a_deny() -> None:
    rules = "  - {name: not-owners, who: [owner], effect: deny}\n"
    head = "groups:\n  owner: actor.id == resource.owner\n"
    snapshot = house(a_policy("p", "[runbook.read]", rules, head=head))
    assert decided(snapshot, "runbook.read", {"id": "r"}).verdict is Effect.DENY


@pytest.mark.parametrize(
    ("day", "params", "actor", "verdict"),
    [
        (20, {"dry_run": False, "incident": ""}, ANA, Effect.NONE),
        (21, {"dry_run": False, "incident": ""}, ANA, Effect.DENY),
        (21, {"dry_run": True, "incident": ""}, ANA, Effect.NONE),
        (21, {"dry_run": False, "incident": "i1"}, ANA, Effect.DENY),
    ],
)
def test_nothing_goes_live_on_a_weekend(
    day: int, params: Record, actor: Actor, verdict: Effect
) -> None:
    decision = decided(
        house(FREEZE), "deploy.apply", params, actor=actor, now=NOW.replace(day=day)
    )
    assert decision.verdict is verdict


def test_who_is_on_call_may_fix_an_incident_on_a_weekend() -> None:
    oli = Actor(id="oli", kind="human", roles=("on-call",))
    params = {"dry_run": False, "incident": "i1"}
    saturday = NOW.replace(day=21)
    assert decided(house(FREEZE), "deploy.apply", params, actor=oli, now=saturday).allowed


def test_a_transform_changes_the_params() -> None:
    decision = decided(house(DEFAULTS), "deploy.apply", {"build": "b", "dry_run": False})
    assert decision.verdict is Effect.TRANSFORM
    assert decision.params == {"build": "b", "dry_run": True}
    assert decision.because[0].message == "This became a dry run."


def test_what_is_changed_is_decided_again() -> None:
    rules = "  - {name: no-dry-runs, when: params.dry_run, effect: deny, message: No dry runs.}\n"
    snapshot = house(DEFAULTS, a_policy("p", "[deploy.apply]", rules))
    decision = decided(snapshot, "deploy.apply", {"dry_run": False})
    assert decision.verdict is Effect.DENY
    assert [one.rule for one in decision.because] == ["p/no-dry-runs"]


def test_a_stricter_rule_wins_over_a_transform() -> None:
    rules = "  - {name: never, effect: deny}\n"
    snapshot = house(DEFAULTS, a_policy("p", "[deploy.apply]", rules))
    decision = decided(snapshot, "deploy.apply", {"dry_run": False})
    assert (decision.verdict, decision.params) == (Effect.DENY, {"dry_run": False})


def test_two_transforms_on_one_field_are_refused() -> None:
    rules = "  - {name: again, effect: transform, change: {params.dry_run: true}}\n"
    snapshot = house(DEFAULTS, a_policy("p", "[deploy.apply]", rules))
    decision = decided(snapshot, "deploy.apply", {"dry_run": False})
    assert decision.verdict is Effect.DENY
    assert decision.because[0].message == (
        "`dry_run` is changed by `safer-defaults/dry-run-first` and by `p/again`. "
        "Only one rule may change it."
    )


def test_two_transforms_on_two_fields_are_both_applied() -> None:
    rules = "  - {name: slowly, effect: transform, change: {params.percent: 10}}\n"
    snapshot = house(DEFAULTS, a_policy("p", "[deploy.apply]", rules))
    decision = decided(snapshot, "deploy.apply", {"percent": 100, "dry_run": False})
    assert decision.params == {"percent": 10, "dry_run": True}


def test_a_change_that_does_not_fit_is_refused() -> None:
    rules = "  - {name: all, effect: transform, change: {params.percent: 1000}}\n"
    decision = decided(house(a_policy("p", "[deploy.apply]", rules)), "deploy.apply", {})
    assert decision.verdict is Effect.DENY
    assert decision.because[0].message == (
        "After its change `percent` is `1000`; it wants at most 100."
    )


def test_a_change_that_is_not_known_is_refused() -> None:
    rules = '  - {name: all, effect: transform, change: {params.build: "${params.incident}"}}\n'
    decision = decided(house(a_policy("p", "[deploy.apply]", rules)), "deploy.apply", {})
    assert decision.verdict is Effect.DENY
    assert decision.because[0].missing == ("params.incident",)


def test_a_change_that_never_comes_to_rest_is_refused() -> None:
    change = "{params.percent: '${params.percent + 1}'}"
    rules = f"  - name: more\n    effect: transform\n    change: {change}\n"
    snapshot = house(a_policy("p", "[deploy.apply]", rules))
    decision = decided(snapshot, "deploy.apply", {"percent": 1})
    assert decision.verdict is Effect.DENY


def test_a_policy_in_shadow_mode_is_only_recorded() -> None:
    decision = decided(house(SHADOW), "deploy.apply", {"dry_run": False})
    assert (decision.verdict, decision.params) == (Effect.NONE, {"dry_run": False})
    (shadow,) = decision.shadow
    assert (shadow.effect, shadow.change) == (Effect.TRANSFORM, {"dry_run": True})


def test_a_policy_can_be_left_out_unless_it_is_always_there() -> None:
    snapshot = house(BRANCHES, REFUNDS)
    names = frozenset({"branch-protection", "refunds"})
    push = env(snapshot, "git.push", {"branch": "main", "force": False})
    assert not decide(snapshot, action(snapshot, "git.push"), push, without=names).allowed
    refund = env(snapshot, "ledger.refund", {"payment": "p", "cents": 20_000})
    assert decide(snapshot, action(snapshot, "ledger.refund"), refund, without=names).allowed


def test_one_policy_can_be_asked_alone() -> None:
    rules = "  - {name: never, effect: deny}\n"
    snapshot = house(REFUNDS, a_policy("p", "[ledger.refund]", rules))
    seen = env(snapshot, "ledger.refund", {"payment": "p", "cents": 20_000})
    refund = action(snapshot, "ledger.refund")
    assert decide(snapshot, refund, seen, only="refunds").verdict is Effect.ASK


def test_a_listing_depends_on_what_was_not_sent() -> None:
    snapshot = house(BRANCHES)
    seen = env(snapshot, "git.push", {})
    decision = decide(snapshot, action(snapshot, "git.push"), seen, listing=True)
    assert decision.verdict is Effect.NONE
    assert decision.depends == ("branch", "force")


def test_a_default_in_a_listing_depends_on_what_would_allow() -> None:
    snapshot = house(RUNBOOKS)
    seen = env(snapshot, "runbook.update", {}, actor=BOB)
    decision = decide(snapshot, action(snapshot, "runbook.update"), seen, listing=True)
    assert (decision.verdict, decision.depends) == (Effect.NONE, ("resource",))


def test_what_is_denied_whatever_is_sent_depends_on_nothing() -> None:
    rules = "  - {name: never, effect: deny}\n"
    snapshot = house(BRANCHES, a_policy("p", "[git.push]", rules))
    seen = env(snapshot, "git.push", {})
    decision = decide(snapshot, action(snapshot, "git.push"), seen, listing=True)
    assert (decision.verdict, decision.depends) == (Effect.DENY, ())


FACTS = a_policy(
    "tested",
    "[git.push]",
    "  - {name: green-only, when: not tests_green, effect: deny, message: Test first.}\n",
    head="facts: {tests_green: {type: boolean}}\n",
)


def test_a_fact_that_was_not_sent_denies_and_is_named() -> None:
    decision = decided(house(FACTS), "git.push", {"branch": "x"})
    assert decision.verdict is Effect.DENY
    assert decision.because[0].missing == ("tests_green",)


def test_a_fact_that_was_sent_is_listed_as_claimed() -> None:
    decision = decided(house(FACTS), "git.push", {"branch": "x"}, facts={"tests_green": True})
    assert decision.verdict is Effect.NONE
    assert decision.claimed == {"tests_green": True}


def test_a_fact_of_the_wrong_type_denies() -> None:
    decision = decided(house(FACTS), "git.push", {"branch": "x"}, facts={"tests_green": "yes"})
    assert decision.verdict is Effect.DENY


@pytest.mark.parametrize(
    ("effect", "verdict"),
    [
        ("deny", Effect.DENY),
        ("ask", Effect.ASK),
        ("transform", Effect.DENY),
        ("warn", Effect.NONE),
        ("allow", Effect.NONE),
    ],
)
def test_a_condition_in_error_counts_only_where_it_restricts(effect: str, verdict: Effect) -> None:
    more = {
        "ask": ", approvers: [admin]",
        "transform": ', change: {params.build: "${params.build}"}',
    }
    rules = f"  - {{name: r, when: params.build > 3, effect: {effect}{more.get(effect, '')}}}\n"
    snapshot = house(a_policy("p", "[deploy.apply]", rules))
    assert decided(snapshot, "deploy.apply", {}).verdict is verdict


@pytest.mark.parametrize(
    ("effect", "verdict"),
    [("deny", Effect.DENY), ("warn", Effect.WARN), ("allow", Effect.NONE)],
)
def test_an_exception_in_error_excuses_nobody_and_grants_nothing(
    effect: str, verdict: Effect
) -> None:
    rules = f"  - {{name: r, unless: params.build > 3, effect: {effect}}}\n"
    snapshot = house(a_policy("p", "[deploy.apply]", rules))
    assert decided(snapshot, "deploy.apply", {"build": "b"}).verdict is verdict


def test_policies_combine_by_the_strictest() -> None:
    effects = ("allow", "warn", "deny")
    rules = [f"  - {{name: r, effect: {effect}}}\n" for effect in effects]
    texts = [a_policy(f"p{n}", "[git.push]", rule) for n, rule in enumerate(rules)]
    assert decided(house(*texts), "git.push", {}).verdict is Effect.DENY
    assert decided(house(*texts[:2]), "git.push", {}).verdict is Effect.WARN


def test_a_tool_that_nobody_declared_is_decided_by_globs() -> None:
    rules = "  - {name: none, who: [kind:agent], effect: deny}\n"
    snapshot = house(a_policy("p", '["mcp.*"]', rules))
    assert decided(snapshot, "mcp.github.get_issue", {}).verdict is Effect.DENY
    assert decided(snapshot, "file.read", {"path": "a"}).verdict is Effect.NONE


def test_in_a_listing_what_has_asks_for_may_still_come() -> None:
    rules = "  - {name: r, when: not has(params.branch), effect: deny}\n"
    snapshot = house(a_policy("p", "[git.push]", rules))
    push, seen = action(snapshot, "git.push"), env(snapshot, "git.push", {})
    assert decide(snapshot, push, seen, listing=True).depends == ("branch",)
    assert decide(snapshot, push, seen).verdict is Effect.DENY


def test_in_a_listing_what_is_known_of_the_caller_still_counts() -> None:
    rules = "  - {name: r, when: actor.kind == 'human' and params.force, effect: deny}\n"
    snapshot = house(a_policy("p", "[git.push]", rules))
    seen = env(snapshot, "git.push", {})
    assert decide(snapshot, action(snapshot, "git.push"), seen, listing=True).depends == ()


def test_a_listing_changes_nothing() -> None:
    snapshot = house(DEFAULTS)
    seen = env(snapshot, "deploy.apply", {"dry_run": False})
    decision = decide(snapshot, action(snapshot, "deploy.apply"), seen, listing=True)
    assert (decision.verdict, decision.params) == (Effect.TRANSFORM, {"dry_run": False})
