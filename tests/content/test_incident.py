import pytest

from bylaw.decide.start import start_inputs
from bylaw.model.actor import Actor
from bylaw.model.instance import Reason
from tests.content.houses import actor, snapshot
from tests.content.walks import Walk, begun, begun_by, seen_by, transitions_of

INCIDENT = {"id": "i1", "title": "Checkout is down.", "severity": "sev1"}
ALERT = {"alert": "i1", "repo": "acme/web", "severity": "sev1", "text": "Checkout is down."}
LEARNED = "The pool was too small; it grows by itself now and alerts early."


def raised() -> Walk:
    return begun("incident", "claude", **INCIDENT)


def alerted() -> Walk:
    return begun_by("alert.fired", "incident", **ALERT)


def climbed() -> Walk:
    return raised().waits("after.5m").waits("after.10m")


def still_nobody() -> Walk:
    return climbed().waits("every.15m")


def noted() -> Walk:
    return climbed().does("claude", "note", text="The pool is full.")


def led() -> Walk:
    return raised().does("oli", "acknowledge")


def reminded() -> Walk:
    return led().waits("every.30m")


def handed_over() -> Walk:
    return led().does("oli", "hand-over", to="bob")


def mitigated() -> Walk:
    return led().does("oli", "mitigate")


def back_again() -> Walk:
    return mitigated().hears("alert.fired", **ALERT)


def resolved() -> Walk:
    return mitigated().waits("after.1h")


def reopened() -> Walk:
    return resolved().hears("alert.fired", **ALERT)


def overdue() -> Walk:
    return resolved().waits("after.5d")


def closed() -> Walk:
    return overdue().does("oli", "review", learned=LEARNED)


STORIES = (still_nobody, noted, reminded, handed_over, back_again, reopened, closed)


def test_an_incident_pages_who_is_on_call() -> None:
    assert raised().messages == [("page.send", "on-call", "sev1 Checkout is down.")]
    assert raised().state == "open.unanswered.first-line"


def test_an_alert_starts_an_incident_of_its_own_name() -> None:
    assert alerted().instance.id == "incident:i1"
    assert alerted().data["title"] == "Checkout is down."


def test_nobody_is_woken_by_a_small_alert() -> None:
    env = seen_by(actor("ci"), "event.alert.fired", ALERT | {"severity": "sev3"})
    given = start_inputs(snapshot().workflows["incident"], "alert.fired", env)
    assert isinstance(given, Reason)


def test_an_incident_climbs_until_somebody_answers() -> None:
    second = raised().waits("after.5m")
    assert second.messages == [("page.send", "backup", "sev1 Checkout is down.")]
    assert climbed().messages == [("page.send", "incident-lead", "sev1 Checkout is down.")]
    text = "Still nobody: Checkout is down."
    assert still_nobody().messages == [("page.send", "incident-lead", text)]


def test_notes_change_nothing_but_the_notes() -> None:
    assert (noted().state, noted().data["notes"]) == (
        "open.unanswered.management",
        ["The pool is full."],
    )


def test_whoever_acknowledges_leads() -> None:
    assert (led().state, led().data["lead"]) == ("open.handling", "oli")


@pytest.mark.parametrize("who", ["claude", "ana"])
def test_only_who_is_on_call_takes_the_lead(who: str) -> None:
    assert raised().does(who, "acknowledge").refused.code == "denied"


def test_an_agent_on_call_helps_and_does_not_lead() -> None:
    agent = Actor(id="bot", kind="agent", roles=("on-call",))
    reason = raised().does(agent, "acknowledge").refused.reasons[0]
    assert reason.message == "A person leads an incident."
    assert reason.advice is not None
    assert reason.advice.run == "incident.note"


def test_who_leads_a_grave_incident_is_reminded_of_updates() -> None:
    text = "Time for an update: Checkout is down."
    assert reminded().messages == [("page.send", "oli", text)]


def test_who_leads_a_lesser_incident_is_left_in_peace() -> None:
    walk = begun("incident", "oli", **INCIDENT | {"severity": "sev2"}).does("oli", "acknowledge")
    assert walk.waits("every.30m").refused.code == "guard"


def test_who_leads_hands_over_and_nobody_else() -> None:
    assert handed_over().data["lead"] == "bob"
    assert handed_over().messages[0][1] == "bob"
    reason = led().does("ana", "hand-over", to="ana").refused.reasons[0]
    assert reason.message == "oli leads."


def test_an_agent_does_not_say_that_users_are_well_again() -> None:
    assert led().does("claude", "mitigate").refused.code == "denied"


def test_the_same_alert_again_says_that_it_was_not_over() -> None:
    assert back_again().state == "open.handling"


def test_the_same_alert_pages_again_while_the_review_is_due() -> None:
    assert (reopened().state, reopened().data["lead"]) == ("open.unanswered.first-line", "")
    assert reopened().messages == [("page.send", "on-call", "sev1 Checkout is down.")]
    small = resolved().hears("alert.fired", **ALERT | {"severity": "sev3"})
    assert small.refused.code == "guard"


def test_an_hour_of_quiet_resolves_an_incident() -> None:
    assert resolved().state == "resolved"


def test_a_review_that_is_missing_is_asked_for() -> None:
    assert overdue().messages == [("notify.send", "oli", "The review of i1 is due.")]


def test_what_was_learned_closes_an_incident() -> None:
    assert (closed().state, closed().data["learned"]) == ("closed", LEARNED)
    assert resolved().does("claude", "review", learned=LEARNED).refused.code == "denied"


def test_every_transition_of_an_incident_is_walked() -> None:
    assert set().union(*(story().taken for story in STORIES)) >= transitions_of("incident")
