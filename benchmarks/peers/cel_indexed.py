"""common-expression-language: compiled programs, one context a call, a dict of actions by hand."""

import cel

from benchmarks.peers.peer import Decide, Peer
from benchmarks.policy import Job, Request, Verdict


def load(every: tuple[Job, ...]) -> Decide:
    """Compile all rules."""

    def compiled(job: Job) -> tuple[cel.Program, cel.Program]:
        large = f'branch == "release" && amount > {job.limit}'
        small = f'role in ["dev", "lead"] && branch != "main" && amount <= {job.limit}'
        return cel.compile(large), cel.compile(small)

    index = {job.name: compiled(job) for job in every}

    def asked(request: Request) -> Verdict:
        large, small = index[request["action"]]
        # One context for both: each call with a dict would convert it anew.
        context = cel.Context(request)
        if large.execute(context):
            return "deny"
        return "allow" if small.execute(context) else "none"

    return asked


PEER = Peer(name="common-expression-language, compiled, indexed by hand", load=load)
