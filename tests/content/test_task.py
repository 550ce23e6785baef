from bylaw.model.actor import Actor
from bylaw.model.instance import Refused
from tests.content.walks import Walk, begun, transitions_of, tried

TASK = {"id": "t-17", "title": "Add a login page"}
RESULT = "The page is in acme/web@feature/x."
WHY = "The design is missing."


def opened() -> Walk:
    return begun("task", "ana", **TASK)


def taken() -> Walk:
    return opened().does("claude", "take")


def handed_in() -> Walk:
    return taken().does("claude", "finish", result=RESULT)


def accepted() -> Walk:
    return handed_in().does("ana", "accept")


def sent_back() -> Walk:
    return handed_in().does("ana", "return", note="The page has no title.")


def blocked() -> Walk:
    return taken().does("claude", "block", why=WHY)


def reminded() -> Walk:
    return opened().waits("after.2d")


def waited_for() -> Walk:
    return handed_in().waits("after.2d")


def still_blocked() -> Walk:
    return blocked().waits("after.1d").does("bob", "unblock")


def forgotten() -> Walk:
    return taken().waits("after.1w")


def given_back() -> Walk:
    return taken().does("claude", "give-back")


def dropped() -> Walk:
    return opened().does("bob", "drop", why="Nobody uses the old page any more.")


STORIES = (
    accepted,
    sent_back,
    reminded,
    waited_for,
    still_blocked,
    forgotten,
    given_back,
    dropped,
)


def test_a_task_is_taken_done_and_accepted_by_somebody_else() -> None:
    assert accepted().state == "done"
    assert accepted().data["owner"] == "claude"


def test_a_service_does_not_start_a_task() -> None:
    assert isinstance(tried("task", "ci", **TASK), Refused)


def test_only_its_owner_hands_a_task_in() -> None:
    refused = taken().does("cleo", "finish", result=RESULT).refused
    assert (refused.code, refused.reasons[0].message) == ("guard", "claude has this task.")


def test_only_its_owner_blocks_a_task_or_gives_it_back() -> None:
    assert taken().does("cleo", "block", why=WHY).refused.code == "guard"
    assert taken().does("cleo", "give-back").refused.code == "guard"


def test_its_owner_does_not_accept_a_task_and_learns_whom_to_ask() -> None:
    advice = handed_in().does("claude", "accept").refused.reasons[0].advice
    assert advice is not None
    assert (advice.run, (advice.params or {})["to"]) == ("notify.send", "reviewers")


def test_the_agent_of_its_owner_does_not_accept_a_task_either() -> None:
    walk = opened().does("ana", "take").does("ana", "finish", result=RESULT)
    assert walk.does("claude", "accept").refused.code == "guard"
    assert walk.does(Actor(id="other", kind="agent", works_for="bob"), "accept").state == "done"


def test_a_task_that_is_sent_back_says_what_is_left() -> None:
    assert (sent_back().state, sent_back().data["note"]) == ("doing", "The page has no title.")


def test_developers_hear_of_a_task_that_nobody_takes() -> None:
    text = "Nobody has taken t-17, Add a login page."
    assert reminded().messages == [("notify.send", "developers", text)]


def test_reviewers_hear_of_a_task_that_nobody_accepts() -> None:
    text = "t-17, Add a login page, waits to be accepted."
    assert waited_for().messages == [("notify.send", "reviewers", text)]


def test_the_owner_hears_of_a_task_that_is_still_blocked() -> None:
    text = "t-17 is still blocked. The design is missing."
    assert blocked().waits("after.1d").messages == [("notify.send", "claude", text)]
    assert still_blocked().state == "doing"


def test_a_task_that_was_taken_and_forgotten_is_open_again() -> None:
    assert (forgotten().state, forgotten().data["owner"]) == ("open", "")
    assert (given_back().state, given_back().data["owner"]) == ("open", "")


def test_a_maintainer_drops_a_task_and_nobody_else() -> None:
    assert dropped().state == "dropped"
    assert opened().does("claude", "drop", why=WHY).refused.code == "denied"


def test_every_transition_of_a_task_is_walked() -> None:
    assert set().union(*(story().taken for story in STORIES)) >= transitions_of("task")
