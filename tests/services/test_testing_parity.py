"""What `bylaw test` decides in memory is what the gateway decides over a store."""

from dataclasses import replace

from bylaw.base.plain import Record
from bylaw.model.snapshot import Snapshot
from bylaw.model.test import Case, Reporting, Running, Starting, Step
from bylaw.services.answer import Answer, Refusal
from bylaw.services.refusal import deciding
from bylaw.services.testing_call import called, stage_of
from bylaw.services.testing_flow import happen
from bylaw.services.testing_play import Play
from tests.content.houses import compiled
from tests.running import REVIEW
from tests.running import Running as Bylaw

HOUSE = compiled()
SUITES = {suite.name: suite for suite in HOUSE.tests}
# The rules of these two read no clock: the gateway's is not that of the cases.
CASES = [
    case
    for name in ("git", "files")
    for case in SUITES[name].cases
    if not case.action.startswith("event.") and case.resource is None
]
WALK = next(flow for flow in SUITES["code-review"].flows if flow.name == "a change is merged")

# What comes then depends on who answers the call of the merge.
BEFORE_MERGE = WALK.steps[:12]


def snapshot() -> Snapshot:
    assert HOUSE.snapshot is not None
    return HOUSE.snapshot


def in_memory(case: Case) -> tuple[str, list[str]]:
    """Return the verdict of a case and the rules behind it; `unknown` where nothing grants it."""
    asking = stage_of(snapshot(), SUITES["git"]).asking(case.actor, case.now, case.facts)
    assert not isinstance(asking, Refusal)
    call = called(asking, case.action, case.params)
    if isinstance(call, Refusal):
        return call.error, []
    decision = call.verdict.decision
    return decision.verdict.value, sorted(finding.rule for finding in deciding(decision))


def over_the_gateway(answer: Answer) -> tuple[str, list[str]]:
    verdict = answer["verdict"] if answer["ok"] else answer["error"]
    return verdict, sorted(one["rule"] for one in answer.get("because", []))


async def enforced(bylaw: Bylaw, case: Case) -> tuple[str, list[str]]:
    arguments: Record = {"action": case.action, "params": dict(case.params)}
    facts = {"facts": dict(case.facts)} if case.facts else {}
    return over_the_gateway(await bylaw.ask(case.actor, "enforce", **arguments, **facts))


async def test_every_case_has_the_verdict_and_the_rules_that_enforce_gives(
    bylaw: Bylaw,
) -> None:
    given = {case.name: await enforced(bylaw, case) for case in CASES}

    assert len(given) > 30
    assert {case.name: in_memory(case) for case in CASES} == given


async def asked(bylaw: Bylaw, step: Step) -> Answer:
    match step.happening:
        case Starting(inputs=inputs):
            return await bylaw.run(step.actor, "code-review.start", params=dict(inputs))
        case Running(action=name, params=params):
            return await bylaw.run(step.actor, f"code-review.{name}", params=dict(params))
        case Reporting(event=name, params=params):
            return await bylaw.report(step.actor, name, **params)
        case _:
            raise AssertionError(step)


async def test_a_flow_is_refused_and_taken_where_the_gateway_refuses_and_takes(
    bylaw: Bylaw,
) -> None:
    live = snapshot()
    play = Play(stage_of(live, SUITES["code-review"]), live.workflows["code-review"], WALK.now)
    in_store: list[tuple[str, str]] = []
    in_memory_too: list[tuple[str, str]] = []

    for step in BEFORE_MERGE:
        answer = await asked(bylaw, step)
        stood = await bylaw.ask("ana", "get_workflow_state", instance=REVIEW)
        in_store.append((answer.get("error", ""), str(stood.get("state"))))
        outcome = happen(play, replace(step, refused=None))
        error = outcome.error if isinstance(outcome, Refusal) else ""
        in_memory_too.append((error, play.stand.state))

    assert in_memory_too == in_store
