"""xstate-statemachine: its synchronous interpreter over a machine made once."""

import logging
from typing import Any

from xstate_statemachine import MachineLogic, SyncInterpreter, create_machine

from benchmarks.machines.machine import Engine, Shape, Walker


def large(context: dict[str, int], _event: object) -> bool:
    """Say whether the guard holds."""
    return context["size"] > 0


def grow(_machine: object, context: dict[str, int], _event: object, _action: object) -> None:
    """Write the data."""
    context["size"] += 1


LOGIC: Any = MachineLogic(guards={"large": large}, actions={"grow": grow})


def make(shape: Shape) -> Walker:
    """Start an interpreter."""
    logging.getLogger("xstate_statemachine").setLevel(logging.ERROR)
    service = SyncInterpreter(create_machine(chart_of(shape), logic=LOGIC)).start()
    return Walker(
        go=lambda: service.send("go"),
        leaf=lambda: max(service.current_state_ids, key=len).rpartition(".")[2],
        size=lambda: int(service.context["size"]),
    )


def chart_of(shape: Shape) -> dict[str, Any]:
    """Return the chart as its JSON has it."""
    grows = {"actions": ["grow"]} if shape.grows else {}
    ends = ("#left", "#right") if shape.nested else ("d", "b")
    there = {"on": {"go": {"target": ends[1] if shape.nested else "d", "guard": "large", **grows}}}
    back = {"on": {"go": {"target": ends[0] if shape.nested else "b", **grows}}}
    states = {"b": there, "d": back}
    if shape.nested:
        left = {"id": "left", "initial": "a", "states": {"a": floor("b", there)}}
        right = {"id": "right", "initial": "c", "states": {"c": floor("d", back)}}
        states = {"left": left, "right": right}
    initial = "left" if shape.nested else "b"
    return {"id": "chart", "initial": initial, "context": {"size": 1}, "states": states}


def floor(name: str, state: dict[str, Any]) -> dict[str, Any]:
    """Return a state that holds one more."""
    return {"initial": name, "states": {name: state}}


ENGINE = Engine(name="xstate-statemachine", make=make)
