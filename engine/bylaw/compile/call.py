"""Calls that content makes: `do`, `run`, and the params under `with`."""

from bylaw.base.names import did_you_mean
from bylaw.base.node import Mapping, Node, Scalar, Sequence
from bylaw.base.problem import Problem
from bylaw.compile.context import Context, KnownAction
from bylaw.compile.field import duration_s, number, text
from bylaw.expr.names import Names
from bylaw.expr.value import compile_value
from bylaw.model.action import Call
from bylaw.model.condition import Value


def compile_calls(
    node: Node | None, names: Names, context: Context, *, problems: list[Problem]
) -> tuple[Call, ...]:
    """Compile one call or a list of them; the names of the calls must differ."""
    if node is None:
        return ()
    nodes = node.items if isinstance(node, Sequence) else (node,)
    compiled = [
        _compile_call(one, names, context, problems) for one in nodes if isinstance(one, Mapping)
    ]
    calls = tuple(call for call in compiled if call is not None)
    problems.extend(_twice(calls))
    return calls


def known_action(node: Node, context: Context, *, problems: list[Problem]) -> KnownAction | None:
    """Return the action that a call names, or append the problem that there is none."""
    name = str(node.value) if isinstance(node, Scalar) else ""
    action = context.actions.get(name)
    if action is None:
        hint = did_you_mean(name, context.actions)
        problems.append(Problem(node.place, "unknown-ref", f"`{name}` is not an action", hint))
    return action


def param_problems(node: Node | None, action: KnownAction) -> list[Problem]:
    """Return the names under `with` that the action does not take."""
    if not isinstance(node, Mapping) or action.params is None:
        return []
    return [
        Problem(
            key.place,
            "unknown-param",
            f"`{key.value}` is not a param of `{action.name}`",
            did_you_mean(str(key.value), action.params) or _known(action.params),
        )
        for key, _ in node.entries
        if key.value not in action.params
    ]


def _known(params: frozenset[str]) -> str:
    return "it takes " + (", ".join(sorted(params)) or "none")


def _compile_call(
    node: Mapping, names: Names, context: Context, problems: list[Problem]
) -> Call | None:
    ref = node.get("action")
    if ref is None:
        problems.append(Problem(node.place, "missing-key", "a call names no `action`"))
        return None
    action = known_action(ref, context, problems=problems)
    given = node.get("with")
    params = _params(given, names, problems)
    if action is None:
        return None
    problems.extend(param_problems(given, action))
    problems.extend(_lacking(node, action, given))
    return Call(
        action=action.name,
        name=text(node, "name", action.name),
        params=params,
        place=node.place,
        retry=int(number(node, "retry", 0)),
        timeout_s=duration_s(node, "timeout", problems=problems),
    )


def _params(node: Node | None, names: Names, problems: list[Problem]) -> dict[str, Value]:
    entries = node.entries if isinstance(node, Mapping) else ()
    compiled = {
        str(key.value): compile_value(value, names, problems=problems, strict=True)
        for key, value in entries
    }
    return {name: value for name, value in compiled.items() if value is not None}


def _lacking(node: Mapping, action: KnownAction, given: Node | None) -> list[Problem]:
    said = given.index.keys() if isinstance(given, Mapping) else set()
    place = given.place if given is not None else node.place
    return [
        Problem(place, "missing-param", f"`{name}` is missing: `{action.name}` needs it")
        for name in sorted(action.required - said)
    ]


def _twice(calls: tuple[Call, ...]) -> list[Problem]:
    first: dict[str, Call] = {}
    return [
        Problem(
            call.place,
            "duplicate-name",
            f"two calls here are named `{call.name}`",
            "give each a `name` of its own",
        )
        for call in calls
        if first.setdefault(call.name, call) is not call
    ]
