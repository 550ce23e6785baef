"""cedarpy: policies and entities parsed before; one set for all, or one for each action."""

from cedarpy import Decision, Entities, PolicySet, is_authorized

from benchmarks.peers.peer import Decide, Peer
from benchmarks.policy import Job, Request, Verdict

NONE = Entities.from_json_str("[]")


def load_whole(every: tuple[Job, ...]) -> Decide:
    """Parse all policies into one set."""
    policies = PolicySet.from_str("".join(map(policies_of, every)))
    return lambda request: asked(policies, request)


def load_parted(every: tuple[Job, ...]) -> Decide:
    """Parse a set for each action, and find it by hand."""
    parted = {job.name: PolicySet.from_str(policies_of(job)) for job in every}
    return lambda request: asked(parted[request["action"]], request)


def asked(policies: PolicySet, request: Request) -> Verdict:
    """Ask a set."""
    context = {name: request[name] for name in ("role", "branch", "amount")}  # type: ignore[literal-required]
    result = is_authorized(
        {
            "principal": 'User::"dev"',
            "action": f'Action::"{request["action"]}"',
            "resource": 'Job::"job"',
            "context": context,
        },
        policies,
        NONE,
    )
    if result.decision is Decision.Allow:
        return "allow"
    return "deny" if result.diagnostics.reasons else "none"


def policies_of(job: Job) -> str:
    """Return the two rules in Cedar's language."""
    head = f'(principal, action == Action::"{job.name}", resource) when'
    return f"""
@id("{job.name}#large")
forbid{head} {{ context.branch == "release" && context.amount > {job.limit} }};
@id("{job.name}#small")
permit{head} {{
  ["dev", "lead"].contains(context.role) && context.branch != "main"
  && context.amount <= {job.limit}
}};
"""


WHOLE = Peer(name="cedarpy, one PolicySet", load=load_whole, gives_rules=True)
PARTED = Peer(
    name="cedarpy, a PolicySet for each action, indexed by hand",
    load=load_parted,
    gives_rules=True,
)
