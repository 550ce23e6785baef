"""pycasbin: the fast enforcer keyed on the action, with a rule's text in each policy."""

import logging
import tempfile
from pathlib import Path

import casbin

from benchmarks.peers.peer import Decide, Peer
from benchmarks.policy import Job, Request, Verdict

MODEL = """[request_definition]
r = act, role, branch, amount
[policy_definition]
p = act, rule, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = r.act == p.act && eval(p.rule)
"""


def load(every: tuple[Job, ...]) -> Decide:
    """Write the model and the policies into files: the fast enforcer loads from nowhere else."""
    logging.getLogger("casbin").setLevel(logging.ERROR)  # it reports every denial
    with tempfile.TemporaryDirectory() as folder:
        (model := Path(folder) / "model.conf").write_text(MODEL)
        (policy := Path(folder) / "policy.csv").write_text("\n".join(map(lines_of, every)))
        enforcer = casbin.FastEnforcer(str(model), str(policy), cache_key_order=[0])
    logging.getLogger("casbin").setLevel(logging.ERROR)
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("casbin"):
            logging.getLogger(name).setLevel(logging.ERROR)

    def asked(request: Request) -> Verdict:
        allowed = enforcer.enforce(
            request["action"], request["role"], request["branch"], request["amount"]
        )
        return "allow" if allowed else "none"

    return asked


def lines_of(job: Job) -> str:
    """Return the two rules; a comma inside one would part it."""
    role = "(r.role == 'dev' || r.role == 'lead')"
    return (
        f"p, {job.name}, r.branch == 'release' && r.amount > {job.limit}, deny\n"
        f"p, {job.name}, {role} && r.branch != 'main' && r.amount <= {job.limit}, allow"
    )


PEER = Peer(name="pycasbin, FastEnforcer keyed on the action", load=load, tells_nothing=False)
