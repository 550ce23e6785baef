"""The decision: what the policies that apply to an action say about one call of it.

Pure and total: every call has a verdict. Strictest first: deny, ask, transform, warn, allow.
"""

from types import MappingProxyType

from bylaw.base.plain import Plain, Record
from bylaw.decide.index import candidates, table_for
from bylaw.decide.rule import Outcome, listed_outcome, rule_outcome
from bylaw.decide.tally import Asked, Hit, Tally, tally_of
from bylaw.decide.transform import changed_again, transformed
from bylaw.model.action import Action
from bylaw.model.condition import Env
from bylaw.model.decision import Decision, Finding, undisputed
from bylaw.model.index import RuleTable
from bylaw.model.policy import Effect
from bylaw.model.snapshot import Snapshot

NOBODY: frozenset[str] = frozenset()
NOTHING: Record = MappingProxyType({})


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
    `always`; `only` asks one policy and no persona.
    """
    table = table_for(snapshot, action, env)
    hits = _listed_hits(table, env) if listing else _hits(table, env)
    if not (hits or table.defaults or table.personas):
        if not table.facts:
            return undisputed(env["params"])
        return Decision(verdict=Effect.NONE, params=env["params"], claimed=_claimed(table, env))
    asked = Asked(listing=listing, without=without, only=only)
    first = tally_of(table, hits, env, asked)
    if first.verdict is Effect.TRANSFORM and not listing:
        return _transformed(action, table, env, asked, first)
    return _decision(first, table, env)


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


def _decision(
    tally: Tally,
    table: RuleTable,
    env: Env,
    *,
    verdict: Effect | None = None,
    because: tuple[Finding, ...] | None = None,
) -> Decision:
    reached = verdict or tally.verdict
    return Decision(
        verdict=reached,
        params=env["params"],
        because=tally.of(reached) if because is None else because,
        warnings=tally.of(Effect.WARN),
        shadow=tally.shadow(),
        depends=tally.depends(reached),
        claimed=_claimed(table, env),
        consultation=tally.consultation,
    )


def _transformed(
    action: Action, table: RuleTable, env: Env, asked: Asked, first: Tally
) -> Decision:
    """Change the params and decide again on what they are now, once.

    What the second round says stands if it is stricter; a second change is refused.
    """
    findings = first.of(Effect.TRANSFORM)
    changed = transformed(action, env["params"], findings)
    if isinstance(changed, Finding):
        return _decision(first, table, env, verdict=Effect.DENY, because=(changed,))
    later: dict[str, Plain] = {**env, "params": changed}
    second = tally_of(table, _hits(table, later), later, asked)
    again = changed_again(changed, second.of(Effect.TRANSFORM))
    if second.verdict.rank < Effect.TRANSFORM.rank:
        return _decision(second, table, later)
    if again is not None:
        return _decision(second, table, later, verdict=Effect.DENY, because=(again,))
    return _decision(second, table, later, verdict=Effect.TRANSFORM, because=findings)


def _claimed(table: RuleTable, env: Env) -> Record:
    """Return the facts that only the caller's word stands for."""
    if not table.facts:
        return NOTHING
    return {name: env[name] for name in table.facts if name in env}
