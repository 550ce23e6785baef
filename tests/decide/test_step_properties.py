from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from bylaw.decide.configuration import configuration_of, is_legal
from bylaw.decide.selection import reasons, select
from bylaw.decide.step import not_taken, step, take
from bylaw.decide.walk import begin
from bylaw.decide.workflow import fits, possible
from bylaw.model.instance import Moved, Refused, StepOutcome, Trigger
from bylaw.model.workflow import TriggerKind, Workflow
from tests.compile.workflows import tables_of
from tests.decide.charts import ACTIONS, Chart, guarded_charts
from tests.decide.machines import DORA, LATER, NOW, Play, env_of

MANY = settings(max_examples=60, deadline=None)
PICKS = st.lists(st.tuples(st.sampled_from(("act", "fire", "done", "failed")), st.integers(0, 7)))


def play(chart: Chart) -> Play:
    return Play.of(tables_of(chart.content), {"id": "1"})


def tried(one: Play, kind: str, pick: int) -> StepOutcome:
    """Do one thing of what there is to do, mostly something that the chart knows."""
    last = one.last
    timers = last.timers if isinstance(last, Moved) else ()
    runs = [e for e in last.effects if e.awaited] if isinstance(last, Moved) else []
    if kind == "fire" and timers:
        return one.fire(timers[pick % len(timers)])
    if kind == "done" and runs:
        return one.done(runs[pick % len(runs)], {"ok": True})
    if kind == "failed" and runs:
        return one.failed(runs[pick % len(runs)], "broken")
    return one.act(ACTIONS[pick % len(ACTIONS)])


@MANY
@given(guarded_charts(), PICKS)
def test_a_version_grows_by_one_or_nothing_changes(
    chart: Chart, picks: list[tuple[str, int]]
) -> None:
    # given
    one = play(chart)

    for kind, pick in picks:
        before = deepcopy(one.instance)

        # when
        outcome = tried(one, kind, pick)

        # then
        moved = isinstance(outcome, Moved)
        assert one.instance.version == before.version + moved
        assert moved or one.instance == before


@MANY
@given(guarded_charts(), PICKS)
def test_the_configuration_is_always_legal_and_fits_its_own_definition(
    chart: Chart, picks: list[tuple[str, int]]
) -> None:
    # given
    one = play(chart)

    for kind, pick in picks:
        # when
        tried(one, kind, pick)

        # then
        assert is_legal(one.workflow, configuration_of(one.workflow, one.instance.states))
        assert set(one.instance.entries) == set(one.instance.states)
        assert fits(one.workflow, one.instance)


@MANY
@given(guarded_charts(), PICKS)
def test_what_is_closed_takes_nothing(chart: Chart, picks: list[tuple[str, int]]) -> None:
    # given
    one = play(chart)
    for kind, pick in picks:
        tried(one, kind, pick)
    closed = one.instance.closed

    # when
    outcomes = [one.act(name) for name in ACTIONS]

    # then
    assert not closed or all(isinstance(outcome, Refused) for outcome in outcomes)


@MANY
@given(guarded_charts(), PICKS)
def test_what_is_possible_is_just_what_is_not_refused(
    chart: Chart, picks: list[tuple[str, int]]
) -> None:
    # given
    one = play(chart)

    for kind, pick in picks:
        # when
        tried(one, kind, pick)

        # then
        assert listed(one) == takeable(one)


def listed(one: Play) -> set[str]:
    found = possible(one.workflow, one.instance, env_of(DORA), NOW)
    return {p.action.removeprefix("chart.") for p in found if p.reason is None}


def takeable(one: Play) -> set[str]:
    return {name for name in ACTIONS if isinstance(acted(one, name), Moved)}


def acted(one: Play, name: str) -> StepOutcome:
    trigger = Trigger(kind=TriggerKind.ACTION, name=name)
    return step(one.workflow, one.instance, trigger, env_of(DORA), LATER)


@MANY
@given(guarded_charts(), PICKS)
def test_the_same_step_twice_gives_the_same(chart: Chart, picks: list[tuple[str, int]]) -> None:
    # given
    one = play(chart)
    for kind, pick in picks:
        tried(one, kind, pick)

    # when
    twice = [(acted(one, name), acted(one, name)) for name in ACTIONS]

    # then
    assert all(first == second for first, second in twice)


@MANY
@given(guarded_charts(), PICKS)
def test_every_do_and_run_is_planned_once(chart: Chart, picks: list[tuple[str, int]]) -> None:
    # given
    one = play(chart)

    for kind, pick in picks:
        entered = one.instance.entered

        # when
        outcome = tried(one, kind, pick)

        # then
        if isinstance(outcome, Moved):
            sent = sum(not effect.awaited for effect in outcome.effects)
            assert sent == sum(sends(one.workflow, ref) for ref in outcome.transitions)
            runs = {effect.state for effect in outcome.effects if effect.awaited}
            assert runs == running(one, after=entered)


@MANY
@given(guarded_charts(), PICKS)
def test_a_hop_gives_what_the_general_step_gives(
    chart: Chart, picks: list[tuple[str, int]]
) -> None:
    # given
    one = play(chart)
    for kind, pick in picks:
        tried(one, kind, pick)

    # when
    both = [(acted(one, name), in_general(one, name)) for name in ACTIONS]

    # then
    assert all(quick == general for quick, general in both)


def in_general(one: Play, name: str) -> StepOutcome:
    if one.instance.closed:
        return Refused(code="not-in-state", reasons=())
    walk = begin(one.workflow, one.instance, env_of(DORA), LATER)
    key = (TriggerKind.ACTION, name)
    takings = select(one.workflow, walk.active, key, env=walk.seen())
    return take(walk, takings) if takings else not_taken(reasons(walk.active, key, env=walk.env))


def sends(workflow: Workflow, ref: str) -> int:
    found = {
        one.ref: len(one.do)
        for state in workflow.states
        for transitions in state.transitions.values()
        for one in transitions
    }
    return found[ref]


def running(one: Play, *, after: int) -> set[str]:
    states = (one.workflow.states[one.workflow.by_id[name]] for name in one.instance.states)
    return {s.id for s in states if s.run and one.instance.entries[s.id] > after}
