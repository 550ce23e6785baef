"""Which modes are in force, and what they grant."""

from bylaw.base.plain import Record
from bylaw.decide.access import grants, modes_in_force
from bylaw.decide.environment import environment
from bylaw.model.access import AccessMode
from bylaw.model.actor import Actor
from bylaw.model.snapshot import Snapshot
from tests.decide.houses import ANA, BOB, CLAUDE, NOW, house

AGENTS = """
kind: access
name: agent-work
who: [kind:agent]
when: session.mode != "plan"
allow: ["file.*", "git.*", "context.write(tasks/**)"]
except: [git.tag]
---
kind: access
name: agent-plan
who: [kind:agent]
when: session.mode == "plan"
allow: [tag:read-only]
except: [web.fetch]
"""
PEOPLE = """
kind: access
name: people
who: [kind:human]
allow: ["*"]
"""
NARROW = """
kind: access
name: people
who: [kind:human]
allow: [file.read, git.push, "context.write(tasks/ana/**)"]
"""
DOUBTFUL = """
kind: access
name: doubtful
when: session.mood == "good"
allow: [git.push]
"""


def modes(
    snapshot: Snapshot, actor: Actor, *, session: Record | None = None, endpoint: str | None = None
) -> tuple[AccessMode, ...]:
    seen = environment(actor=actor, session=session, scope="main", now=NOW)
    return modes_in_force(snapshot, actor, seen, endpoint_mode=endpoint)


def granted(
    snapshot: Snapshot,
    actor: Actor,
    name: str,
    *,
    resource: str | None = None,
    session: Record | None = None,
) -> bool:
    held = modes(snapshot, actor, session=session)
    return grants(held, snapshot.actions[name], resource=resource)


def test_a_mode_grants_what_it_allows_and_not_what_it_excepts() -> None:
    snapshot = house(AGENTS, PEOPLE)
    assert granted(snapshot, CLAUDE, "git.push")
    assert not granted(snapshot, CLAUDE, "git.tag")
    assert not granted(snapshot, CLAUDE, "deploy.apply")


def test_a_mode_holds_only_while_its_condition_does() -> None:
    snapshot = house(AGENTS, PEOPLE)
    planning = {"mode": "plan"}
    assert granted(snapshot, CLAUDE, "file.read", session=planning)
    assert not granted(snapshot, CLAUDE, "file.write", session=planning)
    assert not granted(snapshot, CLAUDE, "web.fetch", session=planning)


def test_a_mode_whose_condition_is_not_known_is_not_in_force() -> None:
    assert modes(house(DOUBTFUL), BOB) == ()


def test_without_modes_nothing_is_granted() -> None:
    assert not granted(house(), ANA, "file.read")


def test_an_agent_never_gets_more_than_the_person_it_works_for() -> None:
    snapshot = house(AGENTS, NARROW)
    assert granted(snapshot, CLAUDE, "git.push")
    assert not granted(snapshot, CLAUDE, "git.merge")


def test_a_person_never_gets_what_only_agents_have() -> None:
    assert not granted(house(AGENTS), ANA, "git.push")


def test_a_person_whom_the_house_does_not_know_binds_nobody() -> None:
    agent = Actor(id="other", kind="agent", works_for="stranger")
    assert granted(house(AGENTS), agent, "git.push")


def test_a_record_is_granted_by_its_key() -> None:
    snapshot = house(AGENTS, PEOPLE)
    assert granted(snapshot, CLAUDE, "context.write", resource="tasks/t1")
    assert not granted(snapshot, CLAUDE, "context.write", resource="roadmap/r1")


def test_the_person_binds_the_keys_too() -> None:
    snapshot = house(AGENTS, NARROW)
    assert granted(snapshot, CLAUDE, "context.write", resource="tasks/ana/t1")
    assert not granted(snapshot, CLAUDE, "context.write", resource="tasks/bob/t1")


def test_a_listing_shows_what_is_granted_for_some_record() -> None:
    assert granted(house(AGENTS, PEOPLE), CLAUDE, "context.write")


def test_an_endpoint_has_its_one_mode() -> None:
    snapshot = house(AGENTS, PEOPLE)
    assert [mode.name for mode in modes(snapshot, ANA, endpoint="agent-plan")] == ["agent-plan"]


def test_an_endpoint_with_a_mode_that_is_not_there_grants_nothing() -> None:
    assert modes(house(PEOPLE), ANA, endpoint="nothing") == ()
