"""regopy: a bundle built before, with a package and an entry point for each action."""

from regopy import Input, Interpreter

from benchmarks.peers.peer import Decide, Peer
from benchmarks.policy import Job, Request, Verdict


def load(every: tuple[Job, ...]) -> Decide:
    """Build the bundle."""
    rego = Interpreter()
    for job in every:
        rego.add_module(package_of(job), module_of(job))
    bundle = rego.build(None, [f"jobs/{package_of(job)}/decision" for job in every])
    entries = {job.name: f"jobs/{package_of(job)}/decision" for job in every}

    def asked(request: Request) -> Verdict:
        rego.set_input(Input(request))
        output = rego.query_bundle_entrypoint(bundle, entries[request["action"]])
        decision = output.results[0].expressions[0]
        if len(decision["deny"]):
            return "deny"
        return "allow" if len(decision["allow"]) else "none"

    return asked


def package_of(job: Job) -> str:
    """Return the last part of the package of an action."""
    return job.name.replace(".", "_")


def module_of(job: Job) -> str:
    """Return the two rules in Rego."""
    return f"""package jobs.{package_of(job)}
import rego.v1
deny contains "{job.name}#large" if {{ input.branch == "release"; input.amount > {job.limit} }}
allow contains "{job.name}#small" if {{
  input.role in {{"dev", "lead"}}
  input.branch != "main"
  input.amount <= {job.limit}
}}
decision := {{"deny": deny, "allow": allow}}
"""


PEER = Peer(name="regopy, a bundle, an entry point for each action", load=load, gives_rules=True)
