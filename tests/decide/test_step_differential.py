from hypothesis import given, settings
from hypothesis import strategies as st
from transitions.extensions import HierarchicalMachine

from bylaw.base.plain import Plain
from tests.compile.workflows import tables_of
from tests.decide.charts import ACTIONS, Chart, plain_charts
from tests.decide.machines import Play


def machine(chart: Chart) -> HierarchicalMachine:
    """Build the same chart with the library that stands as reference."""
    content = chart.content
    return HierarchicalMachine(
        states=states_of(content["states"]),
        initial=first_leaf(content),
        transitions=[
            move for name, body in content["states"].items() for move in moves(name, body)
        ],
        auto_transitions=False,
        ignore_invalid_triggers=True,
    )


def states_of(states: Plain) -> list[Plain]:
    return [state_of(name, body) for name, body in states.items()]


def state_of(name: str, body: Plain) -> Plain:
    if "states" not in body:
        return {"name": name}
    return {"name": name, "initial": body["initial"], "children": states_of(body["states"])}


def moves(path: str, body: Plain) -> list[Plain]:
    own = [
        {"trigger": action, "source": path, "dest": said(transition.get("to"))}
        for action, transition in body.get("actions", {}).items()
    ]
    inner = body.get("states", {}).items()
    return own + [move for name, below in inner for move in moves(f"{path}_{name}", below)]


def said(to: str | None) -> str | None:
    return to.replace(".", "_") if to else None


def first_leaf(content: Plain) -> str:
    names: list[str] = []
    while "states" in content:
        names.append(content["initial"])
        content = content["states"][names[-1]]
    return "_".join(names)


@settings(deadline=None)
@given(plain_charts(), st.lists(st.sampled_from(ACTIONS)))
def test_charts_without_guards_go_where_the_reference_goes(
    chart: Chart, actions: list[str]
) -> None:
    # given
    ours = Play.of(tables_of(chart.content), {"id": "1"})
    theirs = machine(chart)

    for action in actions:
        # when
        ours.act(action)
        if action in theirs.events:
            getattr(theirs, action)()

        # then
        assert ours.state.replace(".", "_") == theirs.state
