"""Whether an instance can be started, and the refusals of those that cannot."""

from bylaw.base.plain import Record
from bylaw.decide.start import start
from bylaw.decide.workflow import instance_key
from bylaw.model.action import Action
from bylaw.model.condition import Unresolved
from bylaw.model.instance import Moved, Refused
from bylaw.services.answer import Refusal, call_of, refusal
from bylaw.services.asking import Asking
from bylaw.services.catalogue import bad_params
from bylaw.services.refusal import missing, next_calls, reason, with_call
from bylaw.services.stepping import Stand, Stepping
from bylaw.store.store import Transaction


async def tried_start(
    tx: Transaction, asking: Asking, stepping: Stepping, *, action: Action, params: Record
) -> Moved | Refusal:
    """Return what a start would make, or its refusal; nothing is written."""
    workflow = asking.snapshot.workflows[action.workflow or ""]
    key = instance_key(workflow, params)
    if isinstance(key, Unresolved):
        return bad_params(action, action.params.check(params))
    already = await tx.instances.open_with_key(asking.caller.scope, workflow.name, key=key)
    if already is not None:
        return already_open(await stepping.at(tx, asking, already), action.name)
    moved = start(
        workflow,
        scope=asking.caller.scope,
        instance_id=f"{workflow.name}:{key}",
        key=key,
        inputs=params,
        env=asking.env(action, params),
        now=asking.now,
    )
    return refused_start(asking, action.name, moved) if isinstance(moved, Refused) else moved


def already_open(stand: Stand, name: str) -> Refusal:
    """Refuse a second open instance of one key."""
    look = call_of("get_workflow_state", "Go on with it.", instance=stand.instance.id)
    return refusal(
        "not-in-state",
        f"Not done: `{stand.instance.id}` is already open; one at a time.",
        action=name,
        next=[look],
        **stand.members(),
    )


def refused_start(asking: Asking, name: str, refused: Refused) -> Refusal:
    """Refuse a start whose conditions do not hold."""
    first = refused.reasons[0].message if refused.reasons else "its conditions do not hold."
    advices = [(one.advice, one.message) for one in refused.reasons]
    look = call_of("get_available_actions", "See what you may do instead.")
    return refusal(
        refused.code,
        f"Not done: {first}",
        action=name,
        because=[reason(one) for one in refused.reasons],
        missing=missing(refused.reasons),
        next=with_call(next_calls(asking, advices), look),
    )
