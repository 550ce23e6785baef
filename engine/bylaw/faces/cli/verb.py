"""The verbs that ask a running server: each is a tool, on the route that REST has for it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One verb. `first` is the argument that stands without a dash, if there is one."""

    name: str
    tool: str
    method: str
    path: str
    first: str | None = None
    about: str = ""
    example: str = ""


VERBS = (
    Verb(
        name="actions",
        tool="get_available_actions",
        method="GET",
        path="/actions",
        about="what you may do now, and what is blocked",
        example="bylaw actions --filter 'code-review.*'",
    ),
    Verb(
        name="state",
        tool="get_workflow_state",
        method="GET",
        path="/workflow/state",
        first="instance",
        about="where an instance stands; without one, the open ones",
        example="bylaw state code-review:acme/web@feature/login --history",
    ),
    Verb(
        name="policy",
        tool="get_policy",
        method="GET",
        path="/policy",
        first="name",
        about="what a policy says, or which rules could touch an action",
        example="bylaw policy --action git.push",
    ),
    Verb(
        name="context",
        tool="get_context_data",
        method="GET",
        path="/context",
        first="key",
        about="read shared records; with --value, write one",
        example='bylaw context tasks/42 --value \'{"status": "done"}\'',
    ),
    Verb(
        name="run",
        tool="run_action",
        method="POST",
        path="/action",
        first="action",
        about="do something; the rules are asked first",
        example="bylaw run code-review.start --param repo=acme/web --param branch=x",
    ),
    Verb(
        name="event",
        tool="trigger_event",
        method="POST",
        path="/event",
        first="event",
        about="report something that happened outside",
        example='bylaw event tests.finished --params \'{"status": "passed"}\'',
    ),
    Verb(
        name="enforce",
        tool="enforce",
        method="POST",
        path="/enforce",
        first="action",
        about="would this be allowed? nothing is done",
        example="bylaw enforce git.push --param branch=main",
    ),
)
BY_NAME: Mapping[str, Verb] = {verb.name: verb for verb in VERBS}
BY_TOOL: Mapping[str, Verb] = {verb.tool: verb for verb in VERBS}
# `context` with a value is this one; it has no verb of its own.
WRITE_CONTEXT = "update_context"
