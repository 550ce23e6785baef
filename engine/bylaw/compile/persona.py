"""Personas: what they are consulted on, and the checks that make their vote."""

from bylaw.base.node import Mapping, plain
from bylaw.base.problem import Problem
from bylaw.compile.context import Context
from bylaw.compile.field import (
    condition,
    flag,
    items,
    number,
    place_of_name,
    records,
    same_names,
    section,
    text,
    value,
)
from bylaw.compile.rule_names import meant, never_meets, param_names, rule_names
from bylaw.compile.selector import compile_selector
from bylaw.expr.names import Names
from bylaw.model.action import Selector
from bylaw.model.document import Document
from bylaw.model.persona import Check, Persona


def compile_persona(
    document: Document, context: Context, *, problems: list[Problem]
) -> Persona | None:
    """Compile a persona with its checks, or return nothing after appending the problems."""
    before = len(problems)
    root = document.root
    node = section(root, "consult")
    listed = node.get("actions") if node is not None else None
    consult = compile_selector(listed, context, problems=problems, place=root.place)
    problems.extend(same_names(records(root.get("checks")), "checks"))
    persona = Persona(
        name=document.name,
        title=text(root, "title", document.name),
        description=text(root, "description"),
        consult=consult,
        weight=number(root, "weight", 1),
        veto=flag(root, "veto"),
        principles=tuple(str(plain(item)) for item in items(root.get("principles"))),
        checks=tuple(
            _check(check, document.name, consult, context, problems)
            for check in records(root.get("checks"))
        ),
        place=document.place,
    )
    return persona if len(problems) == before else None


def _check(
    node: Mapping, persona: str, consult: Selector, context: Context, problems: list[Problem]
) -> Check:
    actions = _actions(node, consult, context, problems)
    names = _names(consult, actions, context)
    return Check(
        ref=f"persona/{persona}#{text(node, 'name')}",
        actions=actions,
        when=condition(node, "when", names, problems=problems),
        unless=condition(node, "unless", names, problems=problems),
        vote=text(node, "vote", "warn"),
        confidence=number(node, "confidence", 1),
        advice=value(node, "advice", names, problems=problems),
        place=place_of_name(node),
    )


def _names(consult: Selector, actions: Selector | None, context: Context) -> Names:
    if actions is None:
        return rule_names(context, consult)
    params = param_names(meant(context, actions, consult), (actions,))
    return rule_names(context, consult).with_roots({"params": params})


def _actions(
    node: Mapping, consult: Selector, context: Context, problems: list[Problem]
) -> Selector | None:
    """Return the check's own selector; it narrows what the persona is consulted on."""
    listed = node.get("actions")
    if listed is None:
        return None
    selector = compile_selector(listed, context, problems=problems)
    if never_meets(context, selector, consult):
        message = "the persona is consulted on none of these actions"
        hint = "it is consulted on: " + ", ".join(consult.words)
        problems.append(Problem(listed.place, "never", message, hint))
    return selector
