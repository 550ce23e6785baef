"""The decision: what the policies that apply to an action say about one call of it.

Pure and total: every call has a verdict. Strictest first: deny, ask, transform, warn, allow.
"""

from functools import partial
from typing import Any

from bylaw.base.plain import Plain, Record
from bylaw.decide.index import candidates, table_for
from bylaw.decide.rule import Outcome, listed_outcome, rule_outcome
from bylaw.decide.tally import NOTHING, Asked, Hit, Tally, claimed, tally_of
from bylaw.decide.transform import changed_again, transformed
from bylaw.model.action import Action
from bylaw.model.condition import Env
from bylaw.model.decision import Decision, Finding, Teller, decision
from bylaw.model.index import RuleTable
from bylaw.model.policy import Effect
from bylaw.model.snapshot import Snapshot

NOBODY: frozenset[str] = frozenset()
EVERYTHING = Asked(listing=False, without=NOBODY, only=None)
SILENCE: Record = {
    "because": (),
    "warnings": (),
    "shadow": (),
    "depends": (),
    "claimed": NOTHING,
    "consultation": None,
}
SILENT: Teller = SILENCE.__getitem__
NONE = Effect.NONE


def decide(
    snapshot: Snapshot,
    action: Action,
    env: Env,
    *,
    listing: bool = False,
    without: frozenset[str] = NOBODY,
    only: str | None = None,
) -> Decision:
    """Decide one call before it is made.

    In a listing a param that was not sent is not known rather than missing: the decision
    `depends` on it, and nothing is transformed. `without` leaves out policies that are not
    `always`; `only` asks one policy and no persona. The decision keeps the env, and tells from
    it what it is asked for: nothing in an env may be changed once it was decided on.
    """
    table = table_for(snapshot, action, env)
    hits = _listed_hits(table, env) if listing else _hits(table, env)
    if not (hits or table.defaults or table.personas):
        return _undisputed(table, env)
    whole = not (listing or without or only)
    asked = EVERYTHING if whole else Asked(listing=listing, without=without, only=only)
    first = tally_of(table, hits, env, asked)
    if first.verdict is Effect.TRANSFORM and not listing:
        return _transformed(action, table, env, asked, first)
    return _decision(first, env, first.verdict)


def _hits(table: RuleTable, env: Env) -> list[Hit]:
    """Return the rules that match, or may."""
    hits: list[Hit] = []
    for bound in candidates(table, env):
        outcome: Outcome = rule_outcome(bound.rule, env)
        if outcome is not False:
            hits.append((bound, outcome))
    return hits


def _listed_hits(table: RuleTable, env: Env) -> list[Hit]:
    """Return the rules that match, or may once everything is sent."""
    outcomes = [(bound, listed_outcome(bound.rule, env)) for bound in candidates(table, env)]
    return [hit for hit in outcomes if hit[1] is not False]


def _undisputed(table: RuleTable, env: Env) -> Decision:
    """Return the decision that nobody has said anything: most calls end so."""
    if not table.facts:
        return decision(NONE, env["params"], teller=SILENT)
    return Decision(verdict=NONE, params=env["params"], claimed=claimed(table, env))


def _decision(tally: Tally, env: Env, verdict: Effect) -> Decision:
    return decision(verdict, env["params"], teller=partial(tally.tell, verdict))


def _because(tally: Tally, env: Env, verdict: Effect, *findings: Finding) -> Decision:
    """Return a decision for other reasons than the rules of its last round."""

    def tell(name: str) -> Any:
        return findings if name == "because" else tally.tell(verdict, name)

    return decision(verdict, env["params"], teller=tell)


def _transformed(
    action: Action, table: RuleTable, env: Env, asked: Asked, first: Tally
) -> Decision:
    """Change the params and decide again on what they are now, once.

    What the second round says stands if it is stricter; a second change is refused.
    """
    findings = first.of(Effect.TRANSFORM)
    changed = transformed(action, env["params"], findings)
    if isinstance(changed, Finding):
        return _because(first, env, Effect.DENY, changed)
    later: dict[str, Plain] = {**env, "params": changed}
    second = tally_of(table, _hits(table, later), later, asked)
    again = changed_again(changed, second.of(Effect.TRANSFORM))
    if second.verdict.rank < Effect.TRANSFORM.rank:
        return _decision(second, later, second.verdict)
    if again is not None:
        return _because(second, later, Effect.DENY, again)
    return _because(second, later, Effect.TRANSFORM, *findings)
