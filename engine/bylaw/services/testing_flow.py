"""Flows of a test: what must come of each step, and what comes. The first failure ends a flow."""

from collections.abc import Iterator

from bylaw.base.names import did_you_mean
from bylaw.base.plain import Plain, canonical
from bylaw.model.instance import PlannedEffect
from bylaw.model.test import Finishing, Flow, Reporting, Running, Starting, Step, Waiting
from bylaw.services.answer import Refusal
from bylaw.services.testing_call import Stage
from bylaw.services.testing_play import Outcome, Play
from bylaw.services.testing_result import Failure, listed

# What else a refusal of these errors may be called.
OTHER_NAMES = {"unknown": ("access", "who"), "bad-params": ("params",)}


def flow_failure(stage: Stage, flow: Flow) -> Failure | None:
    """Walk a flow; return the first step that does not come as expected."""
    workflow = stage.snapshot.workflows[flow.workflow]
    play = Play(stage, workflow, flow.now)
    if flow.beginning is not None:
        placed = play.place(flow.beginning)
        if isinstance(placed, Refusal):
            where = f"to begin in `{flow.beginning.state}`"
            place = flow.beginning.place
            return Failure(
                place=place,
                name=flow.name,
                expected=where,
                came="nothing begun",
                why=placed.summary,
            )
    for number, step in enumerate(flow.steps, 1):
        failure = _step_failure(play, step, f"{flow.name}, step {number}")
        if failure is not None:
            return failure
    return None


def _step_failure(play: Play, step: Step, name: str) -> Failure | None:
    outcome = happen(play, step)
    if all(_agreements(play, step, outcome)):
        return None
    return Failure(
        place=step.place,
        name=name,
        expected=", ".join(_wanted(step)) or "to be taken",
        came=", ".join(_came(play, step, outcome)),
        why=_unknown_states(play, step) or _why(play, outcome),
    )


def happen(play: Play, step: Step) -> Outcome:
    """Let a step happen; what is expected of it is not looked at."""
    match step.happening:
        case Starting(inputs=inputs):
            return play.start(step.actor, inputs)
        case Running(action=action, params=params):
            return play.run(step.actor, action, params)
        case Reporting(event=event, params=params):
            return play.report(step.actor, event, params)
        case Waiting(delay_s=delay_s):
            return play.wait(delay_s)
        case Finishing() as end:
            return play.finish(end)


def _agreements(play: Play, step: Step, outcome: Outcome) -> Iterator[bool]:
    """Say of each thing that is expected whether it came."""
    yield _refused_as_wanted(step, outcome)
    if step.state is not None:
        yield set(step.state) == set(_leaves(play))
    if step.effects is not None:
        yield list(step.effects) == [effect.action for effect in _effects(outcome)]
    data = play.instance.data if play.instance is not None else {}
    for name, value in step.data.items():
        yield name in data and canonical(data[name]) == canonical(value)


def _refused_as_wanted(step: Step, outcome: Outcome) -> bool:
    if not isinstance(outcome, Refusal):
        return step.refused is None
    if step.refused is None or step.refused not in _names(step, outcome):
        return False
    return step.instead is None or step.instead in _offered(outcome)


def _names(step: Step, refused: Refusal) -> set[str]:
    """Return what a refusal may be called: its rules, its error, or what was asked for."""
    because: list[dict[str, Plain]] = refused.members.get("because", [])
    names = {str(one["rule"]) for one in because}
    names |= {_asked_for(step), refused.error, *OTHER_NAMES.get(refused.error, ())}
    return names | ({"who"} if any(one.get("who") for one in because) else set())


def _asked_for(step: Step) -> str:
    match step.happening:
        case Running(action=name) | Reporting(event=name):
            return name
        case _:
            return "start"


def _offered(refused: Refusal) -> Iterator[str]:
    """Give the actions and commands that a refusal offers."""
    for one in refused.members.get("next", []):
        yield str(one.get("arguments", {}).get("action", ""))
        yield str(one.get("command", ""))


def _effects(outcome: Outcome) -> tuple[PlannedEffect, ...]:
    return () if isinstance(outcome, Refusal) else outcome


def _leaves(play: Play) -> tuple[str, ...]:
    return () if play.instance is None else play.stand.leaves


def _wanted(step: Step) -> Iterator[str]:
    if step.refused is not None:
        yield f"refused by `{step.refused}`"
    if step.instead is not None:
        yield f"offered `{step.instead}`"
    if step.state is not None:
        yield f"in {listed(step.state)}"
    if step.effects is not None:
        yield f"effects {listed(step.effects)}"
    if step.data:
        yield f"data {canonical(dict(step.data))}"


def _came(play: Play, step: Step, outcome: Outcome) -> Iterator[str]:
    """Give what came, in the parts that are expected."""
    if isinstance(outcome, Refusal):
        yield f"refused by {listed(sorted(_names(step, outcome) - {_asked_for(step)}))}"
        if step.instead is not None:
            yield f"offered {listed(name for name in _offered(outcome) if name)}"
    elif step.refused is not None:
        yield "taken"
    yield f"in {listed(_leaves(play))}" if _leaves(play) else "nothing begun"
    if step.effects is not None:
        yield f"effects {listed(effect.action for effect in _effects(outcome))}"
    if step.data and play.instance is not None:
        data = {name: play.instance.data.get(name) for name in step.data}
        yield f"data {canonical(data)}"


def _unknown_states(play: Play, step: Step) -> str:
    """Say that states that are expected are not there, if they are not."""
    known = play.workflow.by_id
    lost = [name for name in step.state or () if name not in known]
    if not lost:
        return ""
    hint = did_you_mean(lost[0], known)
    return f"`{play.workflow.name}` has no state {listed(lost)}. {hint}".strip()


def _why(play: Play, outcome: Outcome) -> str:
    if not isinstance(outcome, Refusal):
        return f"it took {listed(play.taken)}" if play.taken else "it took no transition"
    because: list[dict[str, Plain]] = outcome.members.get("because", [])
    told = [f"`{one['rule']}` ({one['at']})" for one in because]
    clauses = [
        f"[{one['clause']}: saw {canonical(one['saw'])}]" for one in because if "saw" in one
    ]
    return " ".join([outcome.summary, *told, *clauses])
