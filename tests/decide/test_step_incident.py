from datetime import timedelta

from bylaw.decide.start import start, start_inputs
from bylaw.decide.workflow import EventTarget, event_targets
from bylaw.model.actor import Actor
from bylaw.model.instance import Reason, StepOutcome
from tests.compile.workflows import case
from tests.decide.machines import CI, LATER, NOW, Play, at, env_of, no

INCIDENT = {"id": "a7", "title": "Login is down", "severity": "sev1"}
CALL = Actor(id="olga", kind="human", roles=("on-call",))
ALERT = {"alert": "a7", "repo": "acme/web", "version": "", "severity": "sev1", "text": "Down"}


def unanswered() -> Play:
    return Play.of(case("incident"), INCIDENT, by=CALL)


def handled() -> Play:
    play = unanswered()
    at(play.act("acknowledge", by=CALL))
    return play


def mitigated() -> Play:
    play = handled()
    at(play.act("mitigate", by=CALL))
    return play


def started_by(alert: dict[str, str]) -> StepOutcome:
    env = env_of(CI, alert)
    given = start_inputs(case("incident"), "alert.fired", env)
    assert not isinstance(given, Reason), given
    return start(
        case("incident"),
        scope="main",
        instance_id="incident:a7",
        key="a7",
        inputs=given,
        env=env,
        now=NOW,
        event="alert.fired",
    )


def test_a_start_goes_down_to_the_innermost_initial_state_and_numbers_every_entry() -> None:
    # when
    moved = at(unanswered().last)

    # then
    assert moved.instance.states == ("open", "open.unanswered", "open.unanswered.first-line")
    assert moved.instance.entries == {
        "open": 1,
        "open.unanswered": 2,
        "open.unanswered.first-line": 3,
    }
    assert [effect.params["to"] for effect in moved.effects] == ["on-call"]


def test_a_step_inside_leaves_the_states_around_as_they_are() -> None:
    # given
    play = unanswered()

    # when
    moved = at(play.fire(at(play.last).timers[0]))

    # then
    assert moved.left == (("open.unanswered.first-line", 3),)
    assert moved.instance.entries["open.unanswered"] == 2
    assert [effect.params["to"] for effect in moved.effects] == ["backup"]


def test_a_repeating_timer_is_set_again_in_the_same_entry() -> None:
    # given
    play = unanswered()
    at(play.fire(at(play.last).timers[0]))
    at(play.fire(at(play.last).timers[0]))
    every = at(play.last).timers[0]

    # when
    moved = at(play.fire(every))

    # then
    assert [(t.name, t.entry, t.due_at) for t in moved.timers] == [
        ("every.15m", every.entry, every.due_at + timedelta(minutes=15))
    ]
    assert moved.left == ()


def test_deadlines_that_were_slept_through_are_not_made_up() -> None:
    # given
    play = handled()
    every = at(play.last).timers[0]

    # when
    moved = at(play.fire(every, now=every.due_at + timedelta(minutes=95)))

    # then
    assert [timer.due_at - every.due_at for timer in moved.timers] == [timedelta(minutes=120)]


def test_a_repeating_timer_goes_on_where_its_guard_does_not_hold() -> None:
    # given
    play = Play.of(case("incident"), {**INCIDENT, "severity": "sev2"}, by=CALL)
    at(play.act("acknowledge", by=CALL))
    version = play.instance.version

    # when
    refused = no(play.fire(at(play.last).timers[0]))

    # then
    assert (refused.code, len(refused.timers)) == ("guard", 1)
    assert play.instance.version == version


def test_an_action_of_a_state_around_is_possible_in_every_state_inside() -> None:
    # given
    play = unanswered()

    # when
    moved = at(play.act("note", by=CALL, text="Restarted the pods."))

    # then
    assert moved.transitions == ("incident/open.note",)
    assert (moved.left, moved.timers) == ((), ())
    assert play.instance.data["notes"] == ["Restarted the pods."]


def test_a_step_outwards_leaves_everything_on_the_way() -> None:
    # given
    play = mitigated()

    # when
    moved = at(play.fire(at(play.last).timers[0]))

    # then
    assert moved.instance.states == ("resolved",)
    assert [name for name, _ in moved.left] == ["open", "open.mitigated"]


def test_an_alert_for_a_mitigated_incident_brings_it_back() -> None:
    # given
    play = mitigated()

    # when
    at(play.report("alert.fired", ALERT))

    # then
    assert play.state == "open.handling"


def test_another_alert_leaves_it_mitigated() -> None:
    # given
    play = mitigated()

    # when
    refused = no(play.report("alert.fired", {**ALERT, "alert": "b1"}))

    # then
    assert (refused.code, play.state) == ("guard", "open.mitigated")


def test_an_alert_finds_its_incident_by_what_it_matches() -> None:
    # when
    targets = event_targets(case("incident"), "alert.fired", env_of(CI, ALERT))

    # then
    assert targets == (EventTarget(fields={"id": "a7"}, key="a7"),)


def test_an_alert_starts_an_incident_with_what_it_says() -> None:
    # when
    moved = at(started_by(ALERT))

    # then
    assert moved.instance.data == {
        "id": "a7",
        "title": "Down",
        "severity": "sev1",
        "lead": "",
        "notes": [],
    }
    assert moved.instance.started_by == "ci"


def test_a_small_alert_starts_nothing_and_says_why() -> None:
    # when
    reason = start_inputs(
        case("incident"), "alert.fired", env_of(CI, {**ALERT, "severity": "sev3"})
    )

    # then
    assert isinstance(reason, Reason)
    assert reason.message == 'This needs `params.severity in ["sev1", "sev2"]`.'


def test_a_new_lead_must_be_named_by_the_one_who_leads() -> None:
    # given
    play = handled()

    # when
    refused = no(play.act("hand-over", by=CI, to="ana"))

    # then
    assert refused.reasons[0].message == "This needs `actor.id == lead`."
    assert play.instance.moved_at == LATER


def test_an_event_that_starts_nothing_says_so() -> None:
    # when
    reason = start_inputs(case("incident"), "ping", env_of(CI, {}))

    # then
    assert isinstance(reason, Reason)
    assert reason.message == "`ping` starts no `incident`."
