"""Bylaw: a snapshot, a caller's environment, and `decide`; reasons are told when they are read."""

from benchmarks.house import NOW
from benchmarks.peers.peer import Decide
from benchmarks.policy import Request, Verdict
from bylaw.decide.environment import about, environment
from bylaw.decide.policy import decide
from bylaw.model.actor import Actor
from bylaw.model.snapshot import Snapshot

CALLER = environment(actor=Actor(id="dev", roles=("dev",)), scope="main", now=NOW)


def plain(snapshot: Snapshot) -> Decide:
    """Return how to ask for a verdict."""
    actions = snapshot.actions

    def asked(request: Request) -> Verdict:
        action = actions[request["action"]]
        return decide(snapshot, action, about(CALLER, action, request)).verdict.value

    return asked


def with_reasons(snapshot: Snapshot) -> Decide:
    """Return how to ask for a verdict with what decided: rules, places, clauses and messages."""
    actions = snapshot.actions

    def asked(request: Request) -> Verdict:
        action = actions[request["action"]]
        decision = decide(snapshot, action, about(CALLER, action, request))
        assert decision.because or decision.verdict.value == "none"
        return decision.verdict.value

    return asked
