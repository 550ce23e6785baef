import pytest

from bylaw.model.actor import Actor
from bylaw.model.instance import Refused
from tests.content.walks import Walk, begun, transitions_of, tried

VERSION = {"repo": "acme/web", "version": "1.2.0"}
ALERT = VERSION | {"alert": "a1", "severity": "sev2", "text": "More errors."}
NOTES = "Login and logout pages, and a much faster search."
WHY = "Too many errors."


def started() -> Walk:
    return begun("release", "rita", **VERSION)


def not_built() -> Walk:
    return started().fails("ci.build", "it does not compile")


def built() -> Walk:
    return started().ends("ci.build", id="b7")


def check_failed() -> Walk:
    return built().ends("tests").fails("licences", "GPL found")


def checked() -> Walk:
    return built().ends("tests").ends("licences")


def objected() -> Walk:
    return checked().does("sam", "object", why="It opens a port.")


def slow() -> Walk:
    return checked().waits("after.2d")


def signed() -> Walk:
    return checked().does("sam", "sign-off")


def ready() -> Walk:
    return signed().does("robin", "write-notes", text=NOTES)


def cancelled() -> Walk:
    return ready().does("rita", "cancel", why="The next one is near.")


def never_shipped() -> Walk:
    return ready().waits("after.1w")


def shipped() -> Walk:
    return ready().does("rita", "ship")


def not_deployed() -> Walk:
    return shipped().fails("deploy.apply", "no machines")


def watched() -> Walk:
    return shipped().ends("deploy.apply")


def alarmed() -> Walk:
    return watched().hears("alert.fired", **ALERT)


def stopped() -> Walk:
    return watched().does("oli", "stop", why=WHY)


def publishing() -> Walk:
    return watched().waits("after.1h")


def released() -> Walk:
    return publishing().ends("deploy.apply")


def not_published() -> Walk:
    return publishing().fails("deploy.apply", "half of it answers")


def rolled_back() -> Walk:
    return alarmed().ends("deploy.rollback")


def stuck() -> Walk:
    return alarmed().fails("deploy.rollback", "the database is migrated already")


def repaired() -> Walk:
    return stuck().does("oli", "resolve")


STORIES = (
    not_built,
    check_failed,
    objected,
    slow,
    cancelled,
    never_shipped,
    not_deployed,
    stopped,
    released,
    not_published,
    rolled_back,
    repaired,
)


def test_a_release_is_built_checked_watched_and_published() -> None:
    walk = released()
    assert (walk.state, walk.data["build"], walk.data["notes"]) == ("released", "b7", NOTES)
    assert walk.messages == [("notify.send", "developers", "acme/web 1.2.0 is released.")]


@pytest.mark.parametrize("who", ["ana", "claude", "ci"])
def test_only_release_managers_and_maintainers_start_a_release(who: str) -> None:
    assert isinstance(tried("release", who, **VERSION), Refused)


def test_an_agent_of_a_release_manager_starts_a_release() -> None:
    assert begun("release", "robin", **VERSION).state == "building"


def test_what_is_not_built_is_not_released() -> None:
    assert (not_built().state, not_built().data["problem"]) == ("aborted", "it does not compile")


def test_machines_check_the_build_before_anybody_else_does() -> None:
    assert built().state == "checking.machines"
    assert built().calls == [
        ("ci.check", {"build": "b7", "suite": "all"}),
        ("ci.check", {"build": "b7", "suite": "licences"}),
    ]
    assert checked().state == "checking.security"


def test_a_failed_check_ends_the_release_and_names_the_check() -> None:
    assert check_failed().data["problem"] == "licences failed: GPL found"
    assert check_failed().state == "aborted"


def test_security_stops_a_release() -> None:
    assert (objected().state, objected().data["problem"]) == ("aborted", "It opens a port.")
    assert checked().does("rita", "object", why=WHY).refused.code == "denied"


def test_nobody_but_security_signs() -> None:
    refused = checked().does("rita", "sign-off").refused
    assert (refused.code, refused.reasons[0].who) == ("denied", ("security",))


@pytest.mark.parametrize(
    "who",
    [
        Actor(id="bot", kind="agent", roles=("security",)),
        Actor(id="rita", kind="human", roles=("release-manager", "security")),
    ],
    ids=["an agent", "who started it"],
)
def test_the_signature_is_that_of_another_person(who: Actor) -> None:
    advice = checked().does(who, "sign-off").refused.reasons[0].advice
    assert advice is not None
    assert (advice.run, (advice.params or {})["to"]) == ("notify.send", "security")


def test_checks_that_nobody_ends_end_the_release() -> None:
    assert slow().state == "aborted"
    assert slow().data["problem"] == "The checks took longer than two days."


def test_a_release_that_all_agree_on_waits_for_somebody_to_ship_it() -> None:
    assert ready().state == "ready"
    assert cancelled().state == "aborted"
    assert never_shipped().data["problem"] == "Nobody shipped it for a week."


def test_an_agent_does_not_ship_a_release_and_learns_whom_to_ask() -> None:
    reason = ready().does("robin", "ship").refused.reasons[0]
    assert reason.message == "A person ships a release."
    assert reason.advice is not None
    assert reason.advice.run == "notify.send"


def test_developers_do_not_ship_or_cancel_a_release() -> None:
    assert ready().does("ana", "ship").refused.code == "denied"
    assert ready().does("ana", "cancel", why=WHY).refused.code == "denied"


def test_a_tenth_of_the_users_come_first() -> None:
    assert shipped().calls == [
        ("deploy.apply", {"build": "b7", "percent": 10, "incident": ""}),
    ]
    assert watched().state == "shipping.watching"
    assert publishing().calls[0][1]["percent"] == 100


def test_a_release_that_ends_an_incident_says_so_to_the_rules() -> None:
    walk = ready().does("oli", "ship", incident="i1")
    assert walk.calls[0][1]["incident"] == "i1"


@pytest.mark.parametrize("walk", [shipped, watched, publishing])
def test_an_alert_rolls_back_whatever_is_under_way(walk: object) -> None:
    assert callable(walk)
    assert walk().hears("alert.fired", **ALERT).state == "rolling-back"


def test_a_rollback_pages_who_is_on_call_and_says_why() -> None:
    text = "acme/web 1.2.0 is rolled back: More errors."
    assert alarmed().messages == [("page.send", "on-call", text)]
    assert rolled_back().state == "aborted"


def test_a_person_stops_a_release() -> None:
    assert (stopped().state, stopped().data["problem"]) == ("rolling-back", WHY)
    assert watched().does("ana", "stop", why=WHY).refused.code == "denied"


@pytest.mark.parametrize("walk", [not_deployed, not_published])
def test_a_failed_deployment_is_rolled_back(walk: object) -> None:
    assert callable(walk)
    assert walk().calls == [("deploy.rollback", {"repo": "acme/web"})]


def test_a_rollback_that_fails_needs_a_person() -> None:
    assert stuck().state == "stuck"
    assert stuck().data["problem"] == "The rollback failed: the database is migrated already"
    assert repaired().state == "aborted"
    assert stuck().does("robin", "write-notes", text=NOTES).refused.code == "not-in-state"


def test_every_transition_of_a_release_is_walked() -> None:
    assert set().union(*(story().taken for story in STORIES)) >= transitions_of("release")
