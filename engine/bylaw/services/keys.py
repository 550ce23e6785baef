"""Idempotency keys: the same key gives the first answer, another call with it is refused."""

from collections.abc import Mapping

from bylaw.base.errors import Conflict
from bylaw.base.plain import Plain, digest
from bylaw.model.answer import StoredAnswer
from bylaw.services.answer import Answer, Refusal, call_of, refusal
from bylaw.services.asking import Asking
from bylaw.store.store import Transaction


def call_digest(tool: str, arguments: Mapping[str, Plain]) -> str:
    """Return what makes two calls the same: the tool and its arguments but for the key."""
    rest = {name: value for name, value in arguments.items() if name != "idempotency_key"}
    return digest({"tool": tool, "arguments": rest})


async def kept_answer(
    tx: Transaction, asking: Asking, tool: str, arguments: Mapping[str, Plain]
) -> Answer | Refusal | None:
    """Return the first answer of this key, a refusal if it was another call, or nothing."""
    key = arguments.get("idempotency_key")
    if key is None:
        return None
    kept = await tx.answers.get(
        asking.caller.scope, asking.caller.actor.id, key=key, now=asking.now
    )
    if kept is None:
        return None
    if kept.call == call_digest(tool, arguments):
        return {**kept.answer, "repeated": True}
    return refusal(
        "key-reused",
        f"Not done: the key `{key}` was already used for another call. "
        "Use a new key for a new call, and the same key only to repeat one.",
        action=arguments.get("action", arguments.get("key", "")),
        next=[_look(arguments)],
    )


def _look(arguments: Mapping[str, Plain]) -> dict[str, Plain]:
    """Return what to look at before the call is made anew; its new key is not to be guessed."""
    why = "See whether it is still to be done; then send it with a key of its own."
    if arguments.get("instance") is not None:
        return call_of("get_workflow_state", why, instance=arguments["instance"])
    if arguments.get("action") is not None:
        return call_of("get_available_actions", why, action=arguments["action"])
    if arguments.get("key") is not None:
        return call_of("get_context_data", why, key=arguments["key"])
    return call_of("get_workflow_state", why)


async def unless_kept(
    tx: Transaction,
    asking: Asking,
    tool: str,
    arguments: Mapping[str, Plain],
    found: Answer | Refusal,
) -> Answer | Refusal:
    """Return what was found, unless it refuses a call that has done its work meanwhile.

    Raises:
        Conflict: another call was first under this key; deciding again finds its answer.
    """
    if not isinstance(found, Refusal):
        return found
    if await kept_answer(tx, asking, tool, arguments) is not None:
        raise Conflict("the same call was made under the same key meanwhile")
    return found


async def keep(
    tx: Transaction, asking: Asking, tool: str, arguments: Mapping[str, Plain], done: Answer
) -> None:
    """Keep the answer of a committed call under its idempotency key, if it has one.

    Raises:
        Conflict: another call was first under this key; deciding again finds its answer.
    """
    key = arguments.get("idempotency_key")
    if key is None:
        return
    kept = StoredAnswer(
        scope=asking.caller.scope,
        actor=asking.caller.actor.id,
        key=key,
        call=call_digest(tool, arguments),
        answer=done,
        created_at=asking.now,
    )
    if not await tx.answers.keep(kept):
        raise Conflict(f"the key `{key}` was used by another call meanwhile")
