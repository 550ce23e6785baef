"""Whose approval an `ask` wants: `[a, b]` with `needs`, or `{maintainer: 1, security: 1}`."""

from collections.abc import Mapping as Map

from bylaw.base.node import Mapping, Node, Scalar, Sequence, plain
from bylaw.base.problem import Problem
from bylaw.compile.context import Context
from bylaw.compile.field import duration_s, number
from bylaw.compile.who import compile_who
from bylaw.model.condition import Condition
from bylaw.model.policy import Approval

A_DAY_S = 86_400.0


def compile_approval(
    node: Mapping, context: Context, groups: Map[str, Condition], *, problems: list[Problem]
) -> Approval:
    """Compile `approvers`, `needs` and `expires` of a rule; without `expires` it is a day."""
    approvers = node.get("approvers")
    words = _words(approvers)
    compile_who(words, context, groups, problems=problems)
    each = _each(approvers)
    any_of = () if each or words is None else tuple(str(plain(word)) for word in words.items)
    problems.extend(_needs_problems(node, each))
    return Approval(
        approvers=each,
        any_of=any_of,
        needs=sum(each.values()) if each else int(number(node, "needs", 1)),
        expires_s=duration_s(node, "expires", problems=problems) or A_DAY_S,
    )


def _words(node: Node | None) -> Sequence | None:
    if isinstance(node, Mapping):
        return Sequence(items=tuple(key for key, _ in node.entries), place=node.place)
    if isinstance(node, Scalar):
        return Sequence(items=(node,), place=node.place)
    return node


def _each(node: Node | None) -> dict[str, int]:
    entries = node.entries if isinstance(node, Mapping) else ()
    return {str(key.value): int(plain(count) or 0) for key, count in entries}


def _needs_problems(node: Mapping, each: dict[str, int]) -> list[Problem]:
    """Return `needs` beside a mapping, which already says how many of whom."""
    if not each or node.get("needs") is None:
        return []
    message = "`needs` says nothing beside `approvers` that count for themselves"
    return [Problem(node.key("needs").place, "not-here", message, "leave it out")]
