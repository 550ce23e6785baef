"""What the conditions of rules see."""

from datetime import datetime

from bylaw.base.plain import Plain, Record
from bylaw.model.action import Action
from bylaw.model.actor import Actor
from bylaw.model.condition import Env

# Records that the engine owns are complete: what is not known of them is null.
SESSION: Record = {"id": None, "mode": None}


def environment(
    *,
    actor: Actor,
    scope: str,
    now: datetime,
    action: Action | None = None,
    params: Record | None = None,
    resource: Record | None = None,
    session: Record | None = None,
    workflow: Record | None = None,
    facts: Record | None = None,
    access: tuple[str, ...] = (),
) -> dict[str, Plain]:
    """Return the env of a decision.

    `facts` stand bare and never over a root. A resource that is not known is left out, so that
    what reads it counts as missing; without an action neither it nor params can be named.
    """
    env: dict[str, Plain] = {
        **(facts or {}),
        "actor": actor.record(access),
        "session": {**SESSION, **(session or {})},
        "workflow": workflow,
        "scope": scope,
        "now": now,
    }
    if action is not None:
        env = about(env, action, params if params is not None else {})
    if resource is not None:
        env["resource"] = resource
    return env


def about(env: Env, action: Action, params: Record) -> dict[str, Plain]:
    """Return an env for another action of the same caller, which costs less than a new one."""
    return {
        **env,
        "action": {"name": action.name, "tags": sorted(action.tags)},
        "params": params,
    }
