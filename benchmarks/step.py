"""Steps of flat and nested machines, beside other engines, with and without data.

Ours checks what it writes against the shape of the data and returns a new instance; the others
change their own model. All walk the same way first, and must stand in the same place after it.
"""

from collections.abc import Iterator

from benchmarks.form import Form
from benchmarks.machines import bylaw_step, python_statemachine, transitions_shared, xstate
from benchmarks.machines.machine import SHAPES, Engine, Shape, Walker
from benchmarks.row import AHEAD, Row, at_most, compared
from benchmarks.timing import in_turn

OURS = bylaw_step.ENGINE
PEERS = (transitions_shared.ENGINE, python_statemachine.ENGINE, xstate.ENGINE)
LIMITS_US = {
    Shape(): 2.0,
    Shape(grows=True): 5.0,
    Shape(nested=True): 10.0,
    Shape(nested=True, grows=True): 15.0,
}
CHECKED = 7


def rows(form: Form) -> Iterator[Row]:
    """Give the rows of every shape."""
    for shape in SHAPES:
        yield from rows_of(shape, form)


def rows_of(shape: Shape, form: Form) -> Iterator[Row]:
    """Give the rows of one shape."""
    walkers = {engine.name: checked(engine, shape) for engine in (OURS, *PEERS)}
    found = in_turn({name: walker.go for name, walker in walkers.items()}, form)
    ours = found.pop(OURS.name)
    limit = at_most(LIMITS_US[shape], "us")
    yield compared("step", shape.what, ours=ours, target=limit)
    for name, theirs in found.items():
        yield compared("step", shape.what, ours=ours, beside=name, theirs=theirs, target=AHEAD)


def checked(engine: Engine, shape: Shape) -> Walker:
    """Return a machine that has gone to and fro, and stands where it should."""
    walker = engine.make(shape)
    for step in range(CHECKED):
        walker.go()
        assert walker.leaf() == "db"[step % 2], (engine.name, shape, walker.leaf())
    assert walker.size() == (1 + CHECKED if shape.grows else 1), (engine.name, shape)
    return walker
