"""simpleeval: expressions parsed before, one evaluator, a dict of actions made by hand."""

from simpleeval import EvalWithCompoundTypes

from benchmarks.peers.peer import Decide, Peer
from benchmarks.policy import Job, Request, Verdict


def load(every: tuple[Job, ...]) -> Decide:
    """Parse all rules."""
    evaluator = EvalWithCompoundTypes()
    evaluate = evaluator.eval

    def parsed(job: Job) -> tuple[tuple[str, object], tuple[str, object]]:
        large = f'branch == "release" and amount > {job.limit}'
        small = f'role in ["dev", "lead"] and branch != "main" and amount <= {job.limit}'
        return (large, evaluator.parse(large)), (small, evaluator.parse(small))

    index = {job.name: parsed(job) for job in every}

    def asked(request: Request) -> Verdict:
        (large, large_tree), (small, small_tree) = index[request["action"]]
        evaluator.names = request
        if evaluate(large, previously_parsed=large_tree):
            return "deny"
        return "allow" if evaluate(small, previously_parsed=small_tree) else "none"

    return asked


PEER = Peer(name="simpleeval, pre-parsed, indexed by hand", load=load)
