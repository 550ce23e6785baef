"""The record that a call is about, as rules see it, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bylaw.base.errors import StoreUnavailable
from bylaw.base.plain import Plain
from bylaw.services.answer import Answer
from tests.running import Running
from tests.services.outside import small

RUNBOOKS = """\
kind: action
name: runbook.update
description: Change fields of a runbook.
params:
  id: {type: string}
  archived: {type: boolean, default: false}
resource: runbooks/${params.id}
---
kind: action
name: runbook.delete
description: Delete a runbook for good.
params: {id: {type: string}}
resource: runbooks/${params.id}
destructive: true
---
kind: action
name: runbook.list
description: List the runbooks.
---
kind: action
name: deploy.run
description: Deploy what the settings say.
resource: settings/deploy
---
kind: policy
name: frozen-deploys
description: The record says whether deploys are frozen.
applies: {actions: [deploy.run]}
rules:
  - name: frozen
    when: resource.frozen
    effect: deny
    message: Deploys are frozen.
---
kind: policy
name: runbook-ownership
description: Everybody reads runbooks; owners and admins change them.
applies: {actions: ["runbook.*"]}
default: deny
groups:
  owner: actor.id == resource.owner
rules:
  - name: everybody-lists
    actions: [runbook.list]
    who: [dev]
    effect: allow
  - name: owners-change
    actions: [runbook.update, runbook.delete]
    who: [owner]
    effect: allow
  - name: in-use-stays
    actions: [runbook.delete]
    when: resource.open_incidents > 0
    effect: deny
    message: ${resource.open_incidents} open incidents use this runbook.
    instead: {run: runbook.update, with: {id: "${params.id}", archived: true}, say: Archive it.}
---
kind: policy
name: own-notes
description: A note belongs to whom it says.
applies: {actions: ["context.write", "context.read"]}
rules:
  - name: not-yours
    when: has(resource.owner) and resource.owner != actor.id
    effect: deny
    message: It belongs to ${resource.owner}.
---
kind: policy
name: ledger
description: The ledger is closed, but for its drafts.
applies: {actions: ["context.write(ledger/**)"]}
default: deny
rules:
  - {name: drafts, actions: ["context.write(ledger/drafts/*)"], effect: allow}
---
kind: policy
name: renamed
description: An old name means the new one.
applies: {actions: [runbook.update]}
rules:
  - name: new-name
    when: params.id == "old"
    effect: transform
    change: {params.id: theirs}
"""
DISK = {"owner": "ana", "open_incidents": 0}


@pytest.fixture
async def bylaw(tmp_path: Path, store_url: str) -> AsyncIterator[Running]:
    """Give a house whose rules look at runbooks."""
    async with small(tmp_path / "house", RUNBOOKS, store_url=store_url) as found:
        yield found


async def written(bylaw: Running, key: str, value: Plain) -> None:
    answer = await bylaw.ask("ana", "update_context", key=key, value=value)
    assert answer["ok"], answer


async def enforced(bylaw: Running, name: str, action: str, **params: Plain) -> Answer:
    return await bylaw.ask(name, "enforce", action=action, params=params)


async def test_owner_by_the_record_may_change_it(bylaw: Running) -> None:
    await written(bylaw, "runbooks/disk", DISK)

    hers = await enforced(bylaw, "ana", "runbook.update", id="disk")
    his = await enforced(bylaw, "bob", "runbook.update", id="disk")

    assert (hers["verdict"], hers["allowed"]) == ("allow", True)
    assert (his["verdict"], his["allowed"]) == ("deny", False)


async def test_denial_says_what_the_record_says_and_what_to_do_instead(bylaw: Running) -> None:
    await written(bylaw, "runbooks/disk", {**DISK, "open_incidents": 2})

    answer = await enforced(bylaw, "ana", "runbook.delete", id="disk")

    assert answer["because"][0]["message"] == "2 open incidents use this runbook."
    assert answer["because"][0]["saw"] == {"resource.open_incidents": 2}
    assert answer["next"][0]["arguments"]["params"] == {"id": "disk", "archived": True}


async def test_run_of_an_outside_action_sees_the_record_too(bylaw: Running) -> None:
    await written(bylaw, "runbooks/disk", {**DISK, "open_incidents": 1})

    deleted = await bylaw.run("ana", "runbook.delete", params={"id": "disk"})
    updated = await bylaw.run("ana", "runbook.update", params={"id": "disk"})

    assert (deleted["error"], updated["error"]) == ("denied", "runs-outside")


async def test_record_that_is_not_there_is_null_and_grants_nothing(bylaw: Running) -> None:
    answer = await enforced(bylaw, "ana", "runbook.delete", id="none")

    assert (answer["verdict"], answer["allowed"]) == ("deny", False)
    assert "`resource` is null and has no `open_incidents`" in answer["because"][0]["errors"]


async def test_record_that_the_store_does_not_give_counts_as_an_error(
    bylaw: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await written(bylaw, "settings/deploy", {"frozen": False})
    before = await enforced(bylaw, "ana", "deploy.run")

    def unreachable() -> None:
        raise StoreUnavailable("the store does not answer")

    monkeypatch.setattr(bylaw.opened.wired.house.store._backend, "read", unreachable)
    during = await enforced(bylaw, "ana", "deploy.run")

    assert before["allowed"]
    assert (during["verdict"], during["allowed"]) == ("deny", False)
    assert during["missing"] == [{"fact": "resource", "why": "frozen-deploys/frozen reads it"}]


async def test_listing_depends_on_a_record_that_only_the_call_names(bylaw: Running) -> None:
    await written(bylaw, "runbooks/disk", DISK)

    answer = await bylaw.ask("ana", "get_available_actions", action="runbook.delete")

    assert answer["depends"] == ["resource"]
    assert "blocked" not in answer


async def test_listing_reads_a_record_that_is_known_before_the_call(bylaw: Running) -> None:
    await written(bylaw, "settings/deploy", {"frozen": True})
    frozen = await bylaw.ask("ana", "get_available_actions", filter="deploy.run")
    await written(bylaw, "settings/deploy", {"frozen": False})
    thawed = await bylaw.ask("ana", "get_available_actions", filter="deploy.run")

    assert frozen["blocked"][0]["why"] == "Deploys are frozen."
    assert list(thawed["yours"]) == ["deploy.run"]


async def test_shared_record_is_its_own_resource_when_it_is_written(bylaw: Running) -> None:
    await written(bylaw, "notes/today", {"owner": "ana", "text": "hello"})

    refused = await bylaw.ask("bob", "update_context", key="notes/today", value={"text": "mine"})
    again = await bylaw.ask("ana", "update_context", key="notes/today", value={"text": "hers"})

    assert (refused["error"], refused["because"][0]["rule"]) == ("denied", "own-notes/not-yours")
    assert again["value"] == {"owner": "ana", "text": "hers"}


async def test_policy_over_some_records_leaves_the_others_alone(bylaw: Running) -> None:
    ledger = await bylaw.ask("ana", "update_context", key="ledger/may", value={"sum": 1})
    draft = await bylaw.ask("ana", "update_context", key="ledger/drafts/may", value={"sum": 1})
    other = await bylaw.ask("ana", "update_context", key="books/may", value={"sum": 1})

    assert [one["ok"] for one in (ledger, draft, other)] == [False, True, True]


async def test_rules_decide_who_reads_a_shared_record(bylaw: Running) -> None:
    await written(bylaw, "notes/hers", {"owner": "ana"})
    await written(bylaw, "notes/free", {"text": "for all"})

    one = await bylaw.ask("bob", "get_context_data", key="notes/hers")
    listed = await bylaw.ask("bob", "get_context_data", key="notes")

    assert (one["error"], one["summary"]) == ("denied", "Not done: It belongs to ana.")
    assert [record["key"] for record in listed["records"]] == ["notes/free"]


async def test_rules_that_change_which_record_is_meant_are_asked_about_that_one(
    bylaw: Running,
) -> None:
    await written(bylaw, "runbooks/old", DISK)
    await written(bylaw, "runbooks/theirs", {"owner": "bob", "open_incidents": 0})

    hers = await enforced(bylaw, "ana", "runbook.update", id="old")

    assert (hers["verdict"], hers["allowed"]) == ("deny", False)
