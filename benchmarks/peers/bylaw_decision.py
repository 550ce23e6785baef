"""Bylaw: a snapshot, a caller's environment, and `decide`."""

from benchmarks.house import NOW, snapshot_of, text
from benchmarks.peers.peer import Decide, Peer
from benchmarks.policy import Job, Request, Verdict
from bylaw.decide.environment import about, environment
from bylaw.decide.policy import decide
from bylaw.model.actor import Actor
from bylaw.model.snapshot import Snapshot

ACTOR = Actor(id="dev", roles=("dev",))


def with_reasons(snapshot: Snapshot) -> Decide:
    """Return how to ask for a verdict with the rules that decided, and why."""
    caller = environment(actor=ACTOR, scope="main", now=NOW)

    def asked(request: Request) -> Verdict:
        action = snapshot.actions[request["action"]]
        decision = decide(snapshot, action, about(caller, action, request))
        return decision.verdict.value  # type: ignore[return-value] # the policy has these alone

    return asked


def load(every: tuple[Job, ...]) -> Decide:
    """Compile the house."""
    return with_reasons(snapshot_of(text(every)))


PEER = Peer(name="bylaw", load=load)
