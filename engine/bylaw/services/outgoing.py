"""From an action with `http` to the call that goes out: values filled, secrets revealed."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote

from bylaw.adapters.http_call import OutgoingCall
from bylaw.base.errors import CallFailed
from bylaw.base.plain import Plain, Record
from bylaw.model.action import Action
from bylaw.model.condition import Unresolved, Value
from bylaw.model.snapshot import Snapshot


def outgoing(snapshot: Snapshot, action: Action, params: Record, *, key: str) -> OutgoingCall:
    """Return the call of an action.

    Raises:
        CallFailed: the action has no call, or one of its values is not known.
    """
    call = action.http
    if call is None:
        raise CallFailed(f"`{action.name}` has no call of its own", retryable=False)
    secrets = {name: secret.reveal() for name, secret in snapshot.server.secrets.items()}
    env = {"params": action.params.filled(params), "secrets": secrets}
    return OutgoingCall(
        method=call.method,
        url=str(_filled(call.url, {**env, "params": _in_url(env["params"])})),
        headers={name: str(_filled(value, env)) for name, value in call.headers.items()},
        body=None if call.body is None else _filled(call.body, env),
        timeout_s=call.timeout_s,
        idempotency_key=key,
        hosts=snapshot.server.hosts,
    )


def retries_of(action: Action) -> int:
    """Return how many attempts an action's own call has beyond the first."""
    return action.http.retry if action.http is not None else 0


def time_of(action: Action | None) -> timedelta:
    """Return how long all attempts of a call may take; of an action that is gone, nothing."""
    if action is None or action.http is None:
        return timedelta()
    return timedelta(seconds=action.http.timeout_s * (1 + action.http.retry))


def misfits(action: Action, result: Record) -> list[Plain]:
    """Return how an answer differs from the `result` that the action promises, as warnings."""
    if action.result is None:
        return []
    wrong = action.result.check(action.result.filled(result))
    return [f"The result of `{action.name}` is not as declared: {one.message}." for one in wrong]


def _in_url(params: Record) -> dict[str, Plain]:
    """Return the params as they may stand in a URL: none can change its path or its query.

    Raises:
        CallFailed: one of them climbs up in the path.
    """
    for name, value in params.items():
        if isinstance(value, str) and ".." in value.split("/"):
            raise CallFailed(f"`{name}` has `..` in it, which a URL cannot hold", retryable=False)
    return {
        name: quote(value, safe="/") if isinstance(value, str) else value
        for name, value in params.items()
    }


def _filled(value: Value, env: Mapping[str, Plain]) -> Plain:
    filled = value.fill(env)
    if isinstance(filled, Unresolved):
        names = ", ".join(f"`{name}`" for name in filled.missing) or "a value"
        raise CallFailed(f"{names} is not known", retryable=False)
    return filled
