"""Selection over several leaves, as parallel states will have them; they are made by hand."""

from dataclasses import replace

from bylaw.decide.selection import select
from bylaw.decide.step import take
from bylaw.decide.walk import Walk, begin
from bylaw.model.workflow import TriggerKind
from tests.compile.workflows import tables_of
from tests.decide.charts import HEAD
from tests.decide.machines import DORA, LATER, Play, at, env_of

REGIONS = {
    **HEAD,
    "initial": "p",
    "states": {
        "p": {
            "initial": "r1",
            "actions": {"both": {}, "inner": {"to": "out"}, "second": {"to": "out"}},
            "states": {
                "r1": {
                    "initial": "x1",
                    "states": {
                        "x1": {
                            "actions": {
                                "go": {"set": {"n": "${n + 1}"}, "to": "x2"},
                                "leave": {"to": "out"},
                                "inner": {"to": "x2"},
                            }
                        },
                        "x2": {},
                    },
                },
                "r2": {
                    "initial": "y1",
                    "states": {
                        "y1": {
                            "actions": {
                                "go": {"to": "y2"},
                                "leave": {"to": "y2"},
                                "second": {"to": "y2"},
                            }
                        },
                        "y2": {},
                    },
                },
            },
        },
        "out": {"type": "final"},
    },
}
STATES = ("p", "p.r1", "p.r1.x1", "p.r2", "p.r2.y1")


def side_by_side() -> Walk:
    play = Play.of(tables_of(REGIONS), {"id": "1"})
    entries = {name: number for number, name in enumerate(STATES, start=1)}
    instance = replace(play.instance, states=STATES, entries=entries, entered=len(STATES))
    return begin(play.workflow, instance, env_of(DORA), LATER)


def selected(walk: Walk, action: str) -> list[str]:
    key = (TriggerKind.ACTION, action)
    takings = select(walk.workflow, walk.active, key, env=walk.seen())
    return [taking.transition.ref for taking in takings]


def test_transitions_in_two_regions_are_taken_together() -> None:
    # given
    walk = side_by_side()
    key = (TriggerKind.ACTION, "go")

    # when
    moved = at(take(walk, select(walk.workflow, walk.active, key, env=walk.seen())))

    # then
    assert moved.transitions == ("chart/p.r1.x1.go", "chart/p.r2.y1.go")
    assert moved.instance.states == ("p", "p.r1", "p.r1.x2", "p.r2", "p.r2.y2")
    assert moved.left == (("p.r1.x1", 3), ("p.r2.y1", 5))
    assert moved.instance.version == 2


def test_a_transition_that_leaves_all_regions_preempts_a_later_one() -> None:
    assert selected(side_by_side(), "leave") == ["chart/p.r1.x1.leave"]


def test_a_transition_of_the_state_around_yields_to_one_inside_that_came_before() -> None:
    assert selected(side_by_side(), "inner") == ["chart/p.r1.x1.inner"]


def test_a_transition_of_the_state_around_yields_to_one_inside_that_comes_later() -> None:
    assert selected(side_by_side(), "second") == ["chart/p.r2.y1.second"]


def test_a_transition_of_the_state_around_is_taken_once() -> None:
    assert selected(side_by_side(), "both") == ["chart/p.both"]
