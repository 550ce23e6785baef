"""Flows of a test: what happens one after the other, and what must come of each step."""

from collections.abc import Iterable

from bylaw.base.node import Mapping, Node, Scalar, plain
from bylaw.base.plain import Plain
from bylaw.base.problem import Problem
from bylaw.compile.field import duration_s, items, place_of_name, records, section, text
from bylaw.compile.staging import Staging
from bylaw.model.test import (
    Beginning,
    Finishing,
    Flow,
    Happening,
    Reporting,
    Running,
    Starting,
    Step,
    Waiting,
)

# What can happen, each with the keys that say more of it; and what is looked at afterwards.
HAPPENINGS: dict[str, tuple[str, ...]] = {
    "start": ("as", "refused", "instead"),
    "run": ("as", "params", "refused", "instead"),
    "event": ("as", "params", "refused", "instead"),
    "wait": (),
    "finished": ("name", "ok", "result", "error"),
}
AFTERWARDS = ("state", "data", "effects")


def compile_flow(node: Mapping, staging: Staging) -> Flow | None:
    """Compile a flow; mistakes go to the problems of the staging."""
    before = len(staging.problems)
    workflow = text(node, "workflow")
    staging.known(node.get("workflow"), staging.context.workflows, "a workflow")
    if len(staging.problems) > before:
        return None
    steps = [_step(one, workflow, staging) for one in records(node.get("steps"))]
    return Flow(
        name=text(node, "name"),
        workflow=workflow,
        now=staging.at(node.get("now")).now,
        beginning=_beginning(section(node, "from")),
        steps=tuple(step for step in steps if step is not None),
        place=place_of_name(node),
    )


def _beginning(node: Mapping | None) -> Beginning | None:
    if node is None:
        return None
    data = _record(node, "data")
    return Beginning(state=text(node, "state"), data=data, place=node.place)


def _step(node: Mapping, workflow: str, staging: Staging) -> Step | None:
    found = [name for name in HAPPENINGS if node.get(name) is not None]
    if len(found) != 1:
        staging.problems.append(_unclear(node, found))
        return None
    wrong = _misplaced(node, found[0])
    staging.problems.extend(wrong)
    happening = None if wrong else _happening(found[0], node, workflow, staging)
    if happening is None:
        return None
    staging.actor(node.get("as"))
    return Step(
        happening=happening,
        actor=text(node, "as"),
        state=_words(node.get("state")),
        data=_record(node, "data"),
        effects=_words(node.get("effects")),
        refused=text(node, "refused") or None,
        instead=text(node, "instead") or None,
        place=node.place,
    )


def _unclear(node: Mapping, found: list[str]) -> Problem:
    if not found:
        hint = f"add one of {_listed(HAPPENINGS)}"
        return Problem(node.place, "missing-key", "nothing happens in this step", hint)
    message = f"{_listed(found)} cannot happen in one step"
    return Problem(node.key(found[1]).place, "not-here", message, "make two steps of it")


def _misplaced(node: Mapping, happens: str) -> list[Problem]:
    """Return the keys that say nothing of what happens, and `as` where it is not there."""
    takes = (happens, *HAPPENINGS[happens], *AFTERWARDS)
    wrong = [
        Problem(
            key.place, "not-here", f"`{key.value}` says nothing of `{happens}`", "leave it out"
        )
        for key, _ in node.entries
        if key.value not in takes
    ]
    if "as" in takes and node.get("as") is None:
        wrong.append(
            Problem(node.place, "missing-key", f"nobody does this `{happens}`", "add `as: ana`")
        )
    if node.get("instead") is not None and node.get("refused") is None:
        hint = "add `refused`"
        message = "`instead` is offered by a refusal only"
        wrong.append(Problem(node.key("instead").place, "not-here", message, hint))
    return wrong


def _happening(happens: str, node: Mapping, workflow: str, staging: Staging) -> Happening | None:
    word, params = text(node, happens), _record(node, "params")
    match happens:
        case "start":
            return Starting(inputs=_record(node, "start"))
        case "run":
            own = {name.removeprefix(f"{workflow}.") for name in _own(workflow, staging)}
            staging.known(node.get("run"), own - {"start"}, f"an action of `{workflow}`")
            return Running(action=word, params=params)
        case "event":
            staging.known(node.get("event"), staging.context.events, "an event")
            return Reporting(event=word, params=params)
        case "wait":
            duration = duration_s(node, "wait", problems=staging.problems)
            return None if duration is None else Waiting(delay_s=duration)
        case _:
            staging.action(node.get("finished"))
            return _finishing(word, node)


def _own(workflow: str, staging: Staging) -> Iterable[str]:
    return (name for name in staging.context.actions if name.startswith(f"{workflow}."))


def _finishing(action: str, node: Mapping) -> Finishing:
    said, result = node.get("ok"), node.get("result")
    ok = node.get("error") is None if said is None else plain(said) is True
    return Finishing(
        action=action,
        name=text(node, "name"),
        ok=ok,
        result={} if result is None else plain(result),
        error=text(node, "error"),
    )


def _record(node: Mapping, key: str) -> dict[str, Plain]:
    found = section(node, key)
    return {} if found is None else plain(found)


def _words(node: Node | None) -> tuple[str, ...] | None:
    """Return the texts of a list, or the one that stands in its place."""
    if node is None:
        return None
    return tuple(str(item.value) for item in items(node) if isinstance(item, Scalar))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
