"""agent-os-kernel: its shared evaluator over rules made before; one list, or one an action."""

from agent_os.policies.shared import Condition, SharedPolicyEvaluator, SharedPolicyRule

from benchmarks.peers.peer import Decide, Peer
from benchmarks.policy import Job, Verdict

# It allows by default, so the last rule of all is one that always matches.
LAST = SharedPolicyRule(id="nothing", action="escalate", priority=-1)
VERDICTS: dict[str, Verdict] = {"allow": "allow", "deny": "deny", "escalate": "none"}
EVALUATOR = SharedPolicyEvaluator()


def load_whole(every: tuple[Job, ...]) -> Decide:
    """Make one list of rules, which it sorts and scans."""
    rules = [*(rule for job in every for rule in rules_of(job)), LAST]
    return lambda request: VERDICTS[EVALUATOR.evaluate(request, rules).action]


def load_parted(every: tuple[Job, ...]) -> Decide:
    """Make a list for each action, and find it by hand."""
    parted = {job.name: [*rules_of(job), LAST] for job in every}
    return lambda request: VERDICTS[EVALUATOR.evaluate(request, parted[request["action"]]).action]


def rules_of(job: Job) -> list[SharedPolicyRule]:
    """Return the two rules; it has no `<=`, and amounts are whole."""
    mine = Condition("action", "eq", job.name)
    large = [mine, Condition("branch", "eq", "release"), Condition("amount", "gt", job.limit)]
    small = [
        mine,
        Condition("role", "in", ["dev", "lead"]),
        Condition("branch", "ne", "main"),
        Condition("amount", "lt", job.limit + 1),
    ]
    return [
        SharedPolicyRule(id=f"{job.name}#large", action="deny", conditions=large, priority=1),
        SharedPolicyRule(id=f"{job.name}#small", action="allow", conditions=small),
    ]


WHOLE = Peer(name="agent-os-kernel, one list", load=load_whole, gives_rules=True)
PARTED = Peer(
    name="agent-os-kernel, a list for each action, indexed by hand",
    load=load_parted,
    gives_rules=True,
)
