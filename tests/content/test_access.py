import pytest

from bylaw.decide.access import grants, modes_in_force
from bylaw.decide.environment import environment
from bylaw.model.actor import Actor
from tests.content.houses import NOW, actor, snapshot

LOCAL = Actor(id="local", kind="agent")


def granted(who: Actor, action: str, *, mode: str | None = None, key: str | None = None) -> bool:
    house = snapshot()
    session = {"id": None, "mode": mode}
    env = environment(actor=who, session=session, scope="main", now=NOW, facts={})
    modes = modes_in_force(house, who, env)
    return grants(modes, house.actions[action], resource=key)


@pytest.mark.parametrize("action", ["code-review.approve", "git.merge", "event.git.pushed"])
def test_people_are_granted_everything(action: str) -> None:
    assert granted(actor("cleo"), action)


@pytest.mark.parametrize("action", ["file.write", "code-review.start", "tests.run", "shell.run"])
def test_agents_at_work_are_granted_their_work(action: str) -> None:
    assert granted(actor("claude"), action)
    assert granted(LOCAL, action)


@pytest.mark.parametrize("mode", [None, "build", "acceptEdits"])
def test_agents_work_in_every_mode_that_is_no_other(mode: str | None) -> None:
    actions = ("file.write", "git.push", "code-review.submit", "task.take", "incident.start")
    assert all(granted(actor("claude"), one, mode=mode) for one in actions)


@pytest.mark.parametrize("action", ["release.start", "deploy.apply", "incident.acknowledge"])
def test_agents_at_work_do_not_release_and_lead_no_incident(action: str) -> None:
    assert not granted(actor("claude"), action)


@pytest.mark.parametrize("action", ["file.read", "tests.run", "code-review.request-changes"])
def test_agents_that_review_read_test_and_ask_for_changes(action: str) -> None:
    assert granted(actor("claude"), action, mode="review")


@pytest.mark.parametrize("action", ["file.write", "shell.run", "code-review.approve", "git.push"])
def test_agents_that_review_change_and_approve_nothing(action: str) -> None:
    assert not granted(actor("claude"), action, mode="review")


@pytest.mark.parametrize("action", ["release.start", "deploy.apply", "git.tag", "file.read"])
def test_agents_that_release_look_after_releases(action: str) -> None:
    assert granted(actor("robin"), action, mode="release")


@pytest.mark.parametrize("action", ["file.write", "git.push", "shell.run"])
def test_agents_that_release_change_no_code(action: str) -> None:
    assert not granted(actor("robin"), action, mode="release")


def test_agents_do_not_report_pushes() -> None:
    assert not granted(actor("claude"), "event.git.pushed")


@pytest.mark.parametrize("action", ["file.read", "file.search", "context.read"])
def test_agents_that_plan_may_look(action: str) -> None:
    assert granted(actor("claude"), action, mode="plan", key="tasks/1")


@pytest.mark.parametrize("action", ["file.write", "shell.run", "code-review.start", "web.fetch"])
def test_agents_that_plan_change_nothing(action: str) -> None:
    assert not granted(actor("claude"), action, mode="plan")


def test_agents_write_tasks_and_notes_and_nothing_else_that_is_shared() -> None:
    keys = ("tasks/42", "notes/today", "roadmap/q1")
    written = [granted(actor("claude"), "context.write", key=key) for key in keys]
    assert written == [True, True, False]


KEYS = ("tasks/42", "admin/budget")


@pytest.mark.parametrize(
    ("who", "read", "written"),
    [
        ("ana", [True, False], [True, False]),
        ("oli", [True, False], [True, False]),
        ("bob", [True, True], [True, False]),
        ("sam", [True, True], [True, False]),
        ("eve", [True, True], [True, True]),
        ("claude", [True, False], [True, False]),
    ],
)
def test_records_of_administrators_are_granted_by_role(
    who: str, read: list[bool], written: list[bool]
) -> None:
    assert [granted(actor(who), "context.read", key=key) for key in KEYS] == read
    assert [granted(actor(who), "context.write", key=key) for key in KEYS] == written


def test_a_person_without_a_part_in_the_work_reads_and_writes_nothing() -> None:
    guest = Actor(id="guest", kind="human")
    assert granted(guest, "context.read", key="tasks/42")
    assert not granted(guest, "context.write", key="tasks/42")


def test_an_agent_with_a_role_of_administrators_stays_with_its_own_modes() -> None:
    agent = Actor(id="bot", kind="agent", roles=("admin", "maintainer"))
    assert not granted(agent, "context.write", key="admin/budget")


def test_ci_reports_and_does_nothing_else() -> None:
    reports = ("event.tests.finished", "event.git.pushed", "event.alert.fired")
    assert all(granted(actor("ci"), one) for one in reports)
    others = ("git.merge", "code-review.approve", "incident.start", "context.read")
    assert not any(granted(actor("ci"), one) for one in others)
