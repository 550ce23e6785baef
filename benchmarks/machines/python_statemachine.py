"""python-statemachine: a chart class, synchronous, with the model in the chart itself."""

from statemachine import State, StateChart

from benchmarks.machines.machine import Engine, Shape, Walker


class Sized(StateChart):
    """The data, its guard, and its growth."""

    size = 1

    def large(self) -> bool:
        """Say whether the guard holds."""
        return self.size > 0

    def grow(self) -> None:
        """Write the data."""
        self.size += 1


class Flat(Sized):
    """Two states."""

    b = State(initial=True)
    d = State()
    go = b.to(d, cond="large") | d.to(b)


class FlatGrowing(Sized):
    """Two states, and data that grows."""

    b = State(initial=True)
    d = State()
    go = b.to(d, cond="large", on="grow") | d.to(b, on="grow")


class Nested(Sized):
    """Two states of two floors each."""

    class left(State.Compound):  # noqa: N801 - states are named so
        """The left house."""

        class a(State.Compound):  # noqa: N801 - states are named so
            """Its floor."""

            b = State(initial=True)

    class right(State.Compound):  # noqa: N801 - states are named so
        """The right house."""

        class c(State.Compound):  # noqa: N801 - states are named so
            """Its floor."""

            d = State(initial=True)

    go = left.to(right, cond="large") | right.to(left)


class NestedGrowing(Sized):
    """Two states of two floors each, and data that grows."""

    class left(State.Compound):  # noqa: N801 - states are named so
        """The left house."""

        class a(State.Compound):  # noqa: N801 - states are named so
            """Its floor."""

            b = State(initial=True)

    class right(State.Compound):  # noqa: N801 - states are named so
        """The right house."""

        class c(State.Compound):  # noqa: N801 - states are named so
            """Its floor."""

            d = State(initial=True)

    go = left.to(right, cond="large", on="grow") | right.to(left, on="grow")


CHARTS = {
    Shape(): Flat,
    Shape(grows=True): FlatGrowing,
    Shape(nested=True): Nested,
    Shape(nested=True, grows=True): NestedGrowing,
}


def make(shape: Shape) -> Walker:
    """Start a chart."""
    chart = CHARTS[shape]()
    return Walker(
        go=chart.go,
        leaf=lambda: [state.id for state in chart.configuration][-1],
        size=lambda: chart.size,
    )


ENGINE = Engine(name="python-statemachine", make=make)
