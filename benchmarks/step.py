"""Steps of a flat and a nested machine, beside transitions with one shared machine."""

from collections.abc import Iterator

from transitions import Machine
from transitions.extensions import HierarchicalMachine

from benchmarks.house import NOW, SERVER, snapshot_of
from benchmarks.timing import Row, median_us
from bylaw.decide.environment import environment
from bylaw.decide.start import start
from bylaw.decide.step import step
from bylaw.model.actor import Actor
from bylaw.model.instance import Instance, Moved, Trigger
from bylaw.model.workflow import TriggerKind, Workflow

FLAT = """---
kind: workflow
key: only
name: flat
description: To and fro.
initial: here
data: {size: {type: integer, default: 1}}
states:
  here: {actions: {go: {when: size > 0, to: there}}}
  there: {actions: {go: {to: here}}}
"""
NESTED = """---
kind: workflow
key: only
name: nested
description: To and fro, two floors down.
initial: left
data: {size: {type: integer, default: 1}}
states:
  left:
    initial: a
    states:
      a:
        initial: b
        states:
          b: {actions: {go: {when: size > 0, to: right}}}
  right:
    initial: c
    states:
      c:
        initial: d
        states:
          d: {actions: {go: {to: left}}}
"""
GO = Trigger(kind=TriggerKind.ACTION, name="go")
ACTOR = Actor(id="dev")


class Model:
    """What transitions moves; `size` is what the guard looks at."""

    size = 1

    def large(self) -> bool:
        """Say whether the guard holds."""
        return self.size > 0


def rows() -> Iterator[Row]:
    """Give a row for each kind of machine."""
    snapshot = snapshot_of(SERVER + FLAT + NESTED)
    flat = ours_us(snapshot.workflows["flat"])
    nested = ours_us(snapshot.workflows["nested"])
    yield Row(what="step, flat", ours_us=flat, beside="transitions", theirs_us=flat_us())
    yield Row(
        what="step, nested", ours_us=nested, beside="transitions, nested", theirs_us=nested_us()
    )


def ours_us(workflow: Workflow) -> float:
    """Return the time of one of our steps."""
    env = environment(actor=ACTOR, scope="main", now=NOW)
    begun = start(workflow, scope="main", instance_id="x", key="x", inputs={}, env=env, now=NOW)
    assert isinstance(begun, Moved)
    instance: Instance = begun.instance

    def twice() -> None:
        there = step(workflow, instance, GO, env, NOW)
        assert isinstance(there, Moved)
        step(workflow, there.instance, GO, env, NOW)

    return median_us(twice, number=1000) / 2


def flat_us() -> float:
    """Return the time of a step of transitions."""
    machine = Machine(model=None, states=["here", "there"], initial="here", auto_transitions=False)
    machine.add_transition("go", "here", "there", conditions="large")
    machine.add_transition("go", "there", "here")
    return _model_us(machine)


def nested_us() -> float:
    """Return the time of a step of transitions' hierarchical machine."""
    states = [
        {"name": "left", "children": [{"name": "a", "children": ["b"]}]},
        {"name": "right", "children": [{"name": "c", "children": ["d"]}]},
    ]
    machine = HierarchicalMachine(
        model=None, states=states, initial="left_a_b", auto_transitions=False
    )
    machine.add_transition("go", "left_a_b", "right_c_d", conditions="large")
    machine.add_transition("go", "right_c_d", "left_a_b")
    return _model_us(machine)


def _model_us(machine: Machine) -> float:
    model = Model()
    machine.add_model(model)
    return median_us(lambda: model.trigger("go"), number=500)  # type: ignore[attr-defined]  # transitions adds it
