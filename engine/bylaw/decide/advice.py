"""Fill the author's `instead` for one call."""

from bylaw.base.plain import Plain
from bylaw.model.advice import Advice, Instead
from bylaw.model.condition import Env, Unresolved, Value


def advise(instead: Instead | None, env: Env) -> Advice | None:
    """Return the advice, without the parts that cannot be filled; None where nothing is left.

    A call is given whole or not at all: an action whose params are not known is no next call.
    """
    if instead is None:
        return None
    params = _filled(instead.params, env)
    command = _filled(instead.command, env)
    callable_now = instead.params is None or isinstance(params, dict)
    advice = Advice(
        say=instead.say.say(env) if instead.say is not None else "",
        run=instead.run if callable_now else None,
        params=params if isinstance(params, dict) else None,
        command=str(command) if command is not None else None,
    )
    return advice if advice.say or advice.run or advice.command else None


def _filled(value: Value | None, env: Env) -> Plain | None:
    if value is None:
        return None
    made = value.fill(env)
    return None if isinstance(made, Unresolved) else made
