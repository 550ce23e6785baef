"""The shared record that a call is about: what rules see as `resource`.

An action says which one under `resource:`; for `context.read` and `context.write` it is the
record under `key`. Where there is none it is null; what cannot be read stays unknown, and rules
that read it count as errors.
"""

from bylaw.base.errors import StoreUnavailable
from bylaw.base.plain import Record
from bylaw.model.action import Action
from bylaw.services.answer import Refusal, call_of, refusal
from bylaw.services.asking import Asking
from bylaw.services.catalogue import unknown_action
from bylaw.services.deciding import Verdict, judged
from bylaw.store.store import Store, Transaction

# Carried out by the context tools; their record is the one under `key`.
KEYED = frozenset({"context.read", "context.write"})
UNKNOWN: Record = {}


def resource_key(
    asking: Asking, action: Action, params: Record, *, workflow: Record | None = None
) -> str | None:
    """Return the key of the record that a call is about.

    Nothing where the action names none, or where the key reads a param that is not there.
    """
    if action.name in KEYED:
        key = params.get("key")
    elif action.resource is not None:
        key = action.resource.fill(asking.env(action, params, workflow=workflow))
    else:
        return None
    return key if isinstance(key, str) else None


def not_granted(asking: Asking, action: Action, params: Record) -> Refusal | None:
    """Refuse a call that is granted for other records only, as one that is not there."""
    if action.name not in KEYED and action.resource is None:
        return None
    key = resource_key(asking, action, params) or ""
    if asking.granted(action, key):
        return None
    if action.name in KEYED:
        return no_record(asking, action, key)
    return unknown_action(asking, f"{action.name}({key})")


def no_record(asking: Asking, action: Action, key: str) -> Refusal:
    """Refuse a record that no mode grants, as one that is not there; say which ones are."""
    start, does = f"{action.name}(", action.name.removeprefix("context.")
    words = {word for mode in asking.modes for word in mode.allow.words}
    placed = sorted(f"`{word[len(start) : -1]}`" for word in words if word.startswith(start))
    yours = f" You may {does} {', '.join(placed)}." if placed else ""
    look = call_of("get_context_data", "See the collections.")
    text = f"There is no record `{key}` that you may {does}.{yours}"
    return refusal("unknown", text, action=f"{action.name}({key})", next=[look])


async def resource_of(
    tx: Transaction,
    asking: Asking,
    action: Action,
    params: Record,
    *,
    workflow: Record | None = None,
) -> Record:
    """Return what is known of the record that a call is about, as the env has it."""
    key = resource_key(asking, action, params, workflow=workflow)
    if key is None:
        return UNKNOWN
    record = await tx.context.get(asking.caller.scope, key)
    return {"resource": record.value if record is not None else None}


async def decided(
    tx: Transaction,
    asking: Asking,
    action: Action,
    params: Record,
    *,
    id: str,  # noqa: A002  the word that every record uses
    workflow: Record | None = None,
    only: str | None = None,
) -> Verdict:
    """Ask the policies about a call, with the record that it is about.

    Where rules change the params so that another record is meant, they are asked about that
    one too, and the stricter verdict stands.
    """
    known = await resource_of(tx, asking, action, params, workflow=workflow)
    verdict = judged(asking, action, params, id=id, workflow=workflow, only=only, known=known)
    changed = verdict.decision.params
    if not known or not verdict.decision.allowed or changed == params:
        return verdict
    other = await resource_of(tx, asking, action, changed, workflow=workflow)
    if other == known:
        return verdict
    again = judged(asking, action, changed, id=id, workflow=workflow, only=only, known=other)
    return verdict if again.decision.allowed else again


async def decided_alone(
    store: Store,
    asking: Asking,
    action: Action,
    params: Record,
    *,
    id: str,  # noqa: A002  the word that every record uses
    only: str | None = None,
) -> Verdict:
    """Ask the policies about a call that writes nothing, also while the store does not answer."""
    if resource_key(asking, action, params) is not None:
        try:
            async with store.read() as tx:
                return await decided(tx, asking, action, params, id=id, only=only)
        except StoreUnavailable:
            pass
    return judged(asking, action, params, id=id, only=only)
