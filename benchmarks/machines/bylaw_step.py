"""Bylaw: the pure step over an immutable instance, with the check of the data it writes."""

from benchmarks.house import NOW, SERVER, snapshot_of
from benchmarks.machines.machine import Engine, Shape, Walker
from bylaw.decide.environment import environment
from bylaw.decide.start import start
from bylaw.decide.step import step
from bylaw.decide.workflow import leaf_states
from bylaw.model.actor import Actor
from bylaw.model.instance import Moved, Trigger
from bylaw.model.workflow import TriggerKind, Workflow

HEAD = """---
kind: workflow
key: only
name: chart
description: To and fro.
data: {size: {type: integer, default: 1}}
"""
FLAT = """initial: b
states:
  b: {actions: {go: {when: size > 0, SETto: d}}}
  d: {actions: {go: {SETto: b}}}
"""
NESTED = """initial: left
states:
  left:
    initial: a
    states:
      a:
        initial: b
        states:
          b: {actions: {go: {when: size > 0, SETto: right}}}
  right:
    initial: c
    states:
      c:
        initial: d
        states:
          d: {actions: {go: {SETto: left}}}
"""
GO = Trigger(kind=TriggerKind.ACTION, name="go")
ENV = environment(actor=Actor(id="dev"), scope="main", now=NOW)


def make(shape: Shape) -> Walker:
    """Start an instance."""
    workflow = workflow_of(shape)
    begun = start(workflow, scope="main", instance_id="x", key="x", inputs={}, env=ENV, now=NOW)
    assert isinstance(begun, Moved)
    instance = begun.instance

    def go() -> None:
        nonlocal instance
        moved = step(workflow, instance, GO, ENV, NOW)
        assert isinstance(moved, Moved)
        instance = moved.instance

    return Walker(
        go=go,
        leaf=lambda: leaf_states(workflow, instance)[0].rpartition(".")[2],
        size=lambda: int(instance.data["size"]),
    )


def workflow_of(shape: Shape) -> Workflow:
    """Return the compiled chart."""
    sets = 'set: {size: "${size + 1}"}, ' if shape.grows else ""
    chart = (NESTED if shape.nested else FLAT).replace("SET", sets)
    return snapshot_of(SERVER + HEAD + chart).workflows["chart"]


ENGINE = Engine(name="bylaw", make=make)
