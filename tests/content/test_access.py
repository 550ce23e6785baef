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


def test_ci_reports_and_does_nothing_else() -> None:
    actions = ("event.tests.finished", "event.git.pushed", "git.merge", "code-review.approve")
    assert [granted(actor("ci"), one) for one in actions] == [True, True, False, False]
