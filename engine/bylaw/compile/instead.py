"""What to do instead: a sentence, or an action with params, a command and a sentence."""

from bylaw.base.names import did_you_mean
from bylaw.base.node import Mapping, Node
from bylaw.base.problem import Problem
from bylaw.compile.call import known_action, param_problems
from bylaw.compile.context import Context
from bylaw.compile.field import value
from bylaw.expr.names import Names
from bylaw.expr.value import compile_value
from bylaw.model.advice import Instead

KEYS = ("say", "run", "with", "command")


def compile_instead(
    node: Node | None, names: Names, context: Context, *, problems: list[Problem]
) -> Instead | None:
    """Compile an `instead`; nothing where there is none."""
    if node is None:
        return None
    if not isinstance(node, Mapping):
        return Instead(say=compile_value(node, names, problems=problems))
    problems.extend(_key_problems(node))
    return Instead(
        say=value(node, "say", names, problems=problems),
        run=_run(node, context, problems),
        params=value(node, "with", names, problems=problems),
        command=value(node, "command", names, problems=problems),
    )


def _run(node: Mapping, context: Context, problems: list[Problem]) -> str | None:
    run, params = node.get("run"), node.get("with")
    if run is None:
        if params is not None:
            key = node.key("with")
            message = "`with` has no action to go with"
            problems.append(Problem(key.place, "missing-key", message, "add `run`"))
        return None
    action = known_action(run, context, problems=problems)
    if action is None:
        return None
    problems.extend(param_problems(params, action))
    return action.name


def _key_problems(node: Mapping) -> list[Problem]:
    return [
        Problem(
            key.place,
            "unknown-key",
            f"`{key.value}` is not a key of `instead`",
            did_you_mean(str(key.value), KEYS) or "known are: " + ", ".join(KEYS),
        )
        for key, _ in node.entries
        if key.value not in KEYS
    ]
