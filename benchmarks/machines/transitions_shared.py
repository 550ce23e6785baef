"""transitions: one shared machine without automatic transitions, and a model."""

from transitions import Machine
from transitions.extensions import HierarchicalMachine

from benchmarks.machines.machine import Engine, Shape, Walker

FLOORS = [
    {
        "name": "left",
        "initial": "a",
        "children": [{"name": "a", "initial": "b", "children": ["b"]}],
    },
    {
        "name": "right",
        "initial": "c",
        "children": [{"name": "c", "initial": "d", "children": ["d"]}],
    },
]


class Model:
    """What moves; the machine adds `trigger` and `state`."""

    size = 1

    def large(self) -> bool:
        """Say whether the guard holds."""
        return self.size > 0

    def grow(self) -> None:
        """Write the data."""
        self.size += 1


def make(shape: Shape) -> Walker:
    """Make the machine, and a model of it."""
    model = Model()
    ends = ("left_a_b", "right_c_d") if shape.nested else ("b", "d")
    kind = HierarchicalMachine if shape.nested else Machine
    machine = kind(
        model=None,
        states=FLOORS if shape.nested else list(ends),
        initial=ends[0],
        auto_transitions=False,
    )
    after = ["grow"] if shape.grows else []
    to = ("left", "right") if shape.nested else ends
    machine.add_transition("go", ends[0], to[1], conditions="large", after=after)
    machine.add_transition("go", ends[1], to[0], after=after)
    machine.add_model(model)
    return Walker(
        go=model.go,  # type: ignore[attr-defined] # the machine adds it
        leaf=lambda: str(model.state).rpartition("_")[2],  # type: ignore[attr-defined] # likewise
        size=lambda: model.size,
    )


ENGINE = Engine(name="transitions", make=make)
