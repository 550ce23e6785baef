"""zen-engine's expressions alone: compiled, with a dict of actions by hand; no rules come out."""

import zen

from benchmarks.peers.peer import Decide, Peer
from benchmarks.policy import Job, Request, Verdict


def load(every: tuple[Job, ...]) -> Decide:
    """Compile all rules."""
    index = {
        job.name: (
            zen.compile_expression(f'branch == "release" and amount > {job.limit}'),
            zen.compile_expression(
                f'role in ["dev", "lead"] and branch != "main" and amount <= {job.limit}'
            ),
        )
        for job in every
    }

    def asked(request: Request) -> Verdict:
        large, small = index[request["action"]]
        if large.evaluate(request):
            return "deny"
        return "allow" if small.evaluate(request) else "none"

    return asked


PEER = Peer(name="zen-engine expressions, compiled, indexed by hand", load=load)
