"""One rule of a policy: whom it concerns, when, what excuses from it, and what it says."""

import re
from collections.abc import Mapping as Map
from dataclasses import dataclass

from bylaw.base.names import did_you_mean
from bylaw.base.node import Mapping, Node, Scalar, plain
from bylaw.base.plain import Plain
from bylaw.base.problem import Problem
from bylaw.compile.approval import compile_approval
from bylaw.compile.context import Context
from bylaw.compile.field import condition, day, items, place_of_name, section, text, value
from bylaw.compile.instead import compile_instead
from bylaw.compile.rule_names import meant, never_meets, param_names
from bylaw.compile.selector import compile_selector, means_something
from bylaw.compile.who import compile_who
from bylaw.expr.condition import compile_condition
from bylaw.expr.names import OPEN, Known, Names
from bylaw.expr.value import compile_value
from bylaw.model.action import Selector
from bylaw.model.condition import Condition, Value
from bylaw.model.policy import Approval, Effect, Excuse, Rule

CHANGED = re.compile(r"params\.(?P<field>[a-z][a-z0-9_]*)\Z")
# Keys that say something only beside one effect.
ONLY_WITH = {
    "approvers": Effect.ASK,
    "needs": Effect.ASK,
    "expires": Effect.ASK,
    "change": Effect.TRANSFORM,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What the rules of one policy share."""

    context: Context
    policy: str
    applies: Selector
    names: Names
    groups: Map[str, Condition]


def compile_rule(node: Mapping, shared: Shared, *, problems: list[Problem]) -> Rule | None:
    """Compile a rule; nothing after problems."""
    before = len(problems)
    effect = Effect(text(node, "effect", Effect.NONE.value))
    problems.extend(_misplaced(node, effect))
    actions = _actions(node, shared, problems)
    params = _params(actions, shared)
    names = shared.names.with_roots({"params": params})
    rule = Rule(
        ref=f"{shared.policy}/{text(node, 'name')}",
        actions=actions,
        who=compile_who(node.get("who"), shared.context, shared.groups, problems=problems),
        when=condition(node, "when", names, problems=problems),
        excuses=_excuses(node.get("unless"), names, shared, problems),
        effect=effect,
        message=value(node, "message", names, problems=problems),
        message_user=value(node, "message_user", names, problems=problems),
        instead=compile_instead(node.get("instead"), names, shared.context, problems=problems),
        approval=_approval(node, effect, shared, problems),
        change=_change(node, names, params, problems),
        labels=_labels(node),
        place=place_of_name(node),
    )
    return rule if len(problems) == before else None


def _labels(node: Mapping) -> dict[str, Plain]:
    labels = section(node, "labels")
    return plain(labels) if labels is not None else {}


def _misplaced(node: Mapping, effect: Effect) -> list[Problem]:
    """Return the keys that say nothing beside this effect, and those that it lacks."""
    found = [
        Problem(
            node.key(key).place,
            "not-here",
            f"`{key}` says nothing in a rule whose effect is `{effect.value}`",
            f"leave it out, or write `effect: {wanted.value}`",
        )
        for key, wanted in ONLY_WITH.items()
        if node.get(key) is not None and effect is not wanted
    ]
    if effect is Effect.ASK and node.get("approvers") is None:
        hint = "add `approvers: [maintainer]`"
        found.append(
            Problem(place_of_name(node), "missing-key", "nobody could approve this", hint)
        )
    if effect is Effect.TRANSFORM:
        found.extend(_transform_problems(node))
    return found


def _transform_problems(node: Mapping) -> list[Problem]:
    if node.get("change") is None:
        hint = "add `change: {params.dry_run: true}`"
        return [
            Problem(place_of_name(node), "missing-key", "this transform changes nothing", hint)
        ]
    return []


def _actions(node: Mapping, shared: Shared, problems: list[Problem]) -> Selector | None:
    """Return the rule's own selector; it narrows what the policy applies to."""
    listed = node.get("actions")
    if listed is None:
        return None
    selector = compile_selector(listed, shared.context, problems=problems)
    if never_meets(shared.context, selector, shared.applies):
        message = "the policy applies to none of these actions, so this rule never counts"
        hint = "the policy applies to: " + ", ".join(shared.applies.words)
        problems.append(Problem(listed.place, "never", message, hint))
    return selector


def _params(actions: Selector | None, shared: Shared) -> Known:
    selectors = (shared.applies,) if actions is None else (actions, shared.applies)
    if not all(means_something(one, shared.context) for one in selectors):
        # What is selected by mistake is named where it stands, and not once more at each param.
        return OPEN
    # Only the narrower list can reach tools that are not known while content loads.
    return param_names(meant(shared.context, *selectors), selectors[:1])


def _excuses(
    node: Node | None, names: Names, shared: Shared, problems: list[Problem]
) -> tuple[Excuse, ...]:
    """Compile `unless`: a condition, a record, or a list of either."""
    return tuple(_excuse(item, names, shared, problems) for item in items(node))


def _excuse(node: Node, names: Names, shared: Shared, problems: list[Problem]) -> Excuse:
    if not isinstance(node, Mapping):
        when = compile_condition(node, names, problems=problems)
        return Excuse(name="", who=None, when=when, until=None, place=node.place)
    if node.get("who") is None and node.get("when") is None:
        message = "this excuses everybody, always"
        problems.append(Problem(node.place, "missing-key", message, "add `who` or `when`"))
    return Excuse(
        name=text(node, "name"),
        who=compile_who(node.get("who"), shared.context, shared.groups, problems=problems),
        when=condition(node, "when", names, problems=problems),
        until=day(node, "until", problems=problems),
        place=place_of_name(node),
    )


def _approval(
    node: Mapping, effect: Effect, shared: Shared, problems: list[Problem]
) -> Approval | None:
    if effect is not Effect.ASK:
        return None
    return compile_approval(node, shared.context, shared.groups, problems=problems)


def _change(
    node: Mapping, names: Names, params: Known, problems: list[Problem]
) -> dict[str, Value]:
    """Compile `change`, by the names of the params."""
    changes = section(node, "change")
    found: dict[str, Value] = {}
    for key, filling in changes.entries if changes is not None else ():
        field = _changed_field(key, params, problems)
        compiled = compile_value(filling, names, problems=problems, strict=True)
        if field is not None and compiled is not None:
            found[field] = compiled
    return found


def _changed_field(key: Scalar, params: Known, problems: list[Problem]) -> str | None:
    word = CHANGED.match(str(key.value))
    if word is None:
        message = f"`{key.value}` cannot be changed"
        problems.append(Problem(key.place, "not-allowed", message, "write `params.` and a name"))
        return None
    field = word["field"]
    if isinstance(params, Map) and field not in params:
        hint = did_you_mean(field, params) or "there are: " + ", ".join(params)
        message = f"`{field}` is not a param of the actions that this rule selects"
        problems.append(Problem(key.place, "unknown-param", message, hint))
        return None
    return field
