"""`bylaw test` as a person sees it: houses in tests/cases/test, and what their tests say."""

from pathlib import Path

import pytest

from bylaw.base.place import Place
from bylaw.faces.cli.main import main
from bylaw.services.testing import run_tests
from bylaw.services.testing_call import stage_of
from bylaw.services.testing_flow import happen
from bylaw.services.testing_play import Play
from bylaw.services.testing_result import Score
from tests.content.houses import compiled, documents, said, snapshot

CASES = Path(__file__).parents[1] / "cases" / "test"
HEAD = """\
kind: test
name: example
actors:
  dana: {kind: human, roles: [reviewer]}
  robo: {kind: agent, roles: [developer], works_for: dana}
"""
REVIEW = "{repo: acme/web, branch: x, commit: c1, author: ana, tests: passed}"


def score_of(body: str, only: str = "") -> Score:
    """Run a test document against the shipped house."""
    found = compiled(*documents(HEAD + body, file="example.yaml"))
    assert found.snapshot is not None
    assert said((*found.problems, *found.of_tests)) == []
    own = [suite for suite in found.tests if suite.name == "example"]
    return run_tests(found.snapshot, own, only)


def came(body: str) -> str:
    """Return what came of the only test of a document, which fails."""
    score = score_of(body)
    assert score.passed == 0
    (failure,) = score.failures
    return failure.came


def flow(steps: str, begins: str = "") -> str:
    start = f", from: {begins}" if begins else ""
    return f"flows:\n  - {{name: walk, workflow: code-review{start}, steps: [{steps}]}}\n"


def test_the_tests_of_the_shipped_house_pass() -> None:
    found = compiled()
    assert found.snapshot is not None

    score = run_tests(found.snapshot, found.tests)

    assert [str(failure) for failure in score.failures] == []


def test_the_tests_of_the_shipped_house_name_every_rule() -> None:
    found = compiled()
    named = {case.expect.rule for suite in found.tests for case in suite.cases}
    rules = {rule.ref for policy in snapshot().policies.values() for rule in policy.rules}

    assert rules - named == set()


def test_the_tests_of_the_shipped_house_take_every_transition_of_its_workflows() -> None:
    every = {
        transition.ref
        for workflow in snapshot().workflows.values()
        for state in workflow.states
        for transitions in state.transitions.values()
        for transition in transitions
    }

    assert every - taken() == set()


def taken() -> set[str]:
    """Return the transitions that the flows of the shipped house take."""
    found: set[str] = set()
    for suite in compiled().tests:
        stage = stage_of(snapshot(), suite)
        for one in suite.flows:
            play = Play(stage, snapshot().workflows[one.workflow], one.now)
            if one.beginning is not None:
                play.place(one.beginning)
            for step in one.steps:
                happen(play, step)
                found.update(play.taken)
    return found


def test_names_of_documents_cases_and_flows_choose_what_is_run() -> None:
    body = """\
cases:
  - {name: one, actor: dana, action: git.push, params: {branch: x}, expect: none}
  - {name: two, actor: dana, action: git.push, params: {branch: x}, expect: none}
"""
    assert score_of(body, "example/two").passed == 1
    assert score_of(body, "example/").passed == 2
    assert score_of(body, "elsewhere").passed == 0


def test_a_variant_stands_before_its_case_and_that_before_what_is_given() -> None:
    body = """\
given: {actor: robo, action: git.push, params: {branch: main}, expect: none}
cases:
  - {name: given, expect: deny}
  - name: of the case
    params: {branch: x}
    matrix: [{}, {params: {branch: main}, expect: deny}]
"""
    assert str(score_of(body)) == "3 passed, 0 failed"


def test_an_agent_of_a_test_is_bound_by_the_person_of_the_test() -> None:
    body = """\
cases:
  - {name: bound, actor: robo, action: file.read, params: {path: a}, expect: none}
"""
    nobody = body.replace("robo", "dana")
    score = came_for_a_service(body)

    assert score_of(nobody).passed == 1
    assert score == ["deny by `access`"]


def came_for_a_service(body: str) -> list[str]:
    """Run a document whose agent works for a service, which is granted next to nothing."""
    head = HEAD.replace("dana: {kind: human, roles: [reviewer]}", "dana: {kind: service}")
    found = compiled(*documents(head + body, file="example.yaml"))
    assert found.snapshot is not None
    own = [suite for suite in found.tests if suite.name == "example"]
    return [failure.came for failure in run_tests(found.snapshot, own).failures]


def test_time_stands_still_until_the_flow_waits() -> None:
    steps = "{wait: 2d, state: in_review}, {wait: 23h, state: in_review}, {wait: 1h, state: stale}"

    assert score_of(flow(steps, f"{{state: in_review, data: {REVIEW}}}")).passed == 1


def test_timers_fire_in_the_order_of_their_deadlines() -> None:
    steps = "{wait: 2w, state: stale, effects: [notify.send]}"

    assert score_of(flow(steps, f"{{state: in_review, data: {REVIEW}}}")).passed == 1


def test_the_time_of_a_call_ends_with_its_state() -> None:
    begins = f"{{state: merging, data: {REVIEW}}}"
    steps = "{finished: git.merge, error: No., state: draft}, {wait: 1d, state: draft}"

    assert score_of(flow(steps, begins)).passed == 1
    assert came(flow(f"{steps}, {{finished: git.merge}}", begins)).startswith("refused by `late`")


def test_a_call_ends_once() -> None:
    steps = "{finished: git.merge, state: merged}, {finished: git.merge}"

    assert came(flow(steps, f"{{state: merging, data: {REVIEW}}}")).startswith("refused by `late`")


def test_a_failure_ends_its_flow_and_is_placed_at_its_step() -> None:
    begins = f"{{state: in_review, data: {REVIEW}}}"
    score = score_of(
        flow("{wait: 1h}, {wait: 1h, state: stale}, {wait: 1h, state: merged}", begins)
    )

    (failure,) = score.failures
    assert failure.name == "walk, step 2"
    assert failure.place.file == "example.yaml"
    assert failure.place.line == 7


def test_a_second_start_with_the_same_key_is_refused() -> None:
    start = "{start: {repo: acme/web, branch: x, commit: c1}, as: ana"

    assert score_of(flow(f"{start}}}, {start}, refused: not-in-state}}")).passed == 1


def test_a_closed_instance_can_be_followed_by_another() -> None:
    start = "{start: {repo: acme/web, branch: x, commit: c1}, as: ana, state: draft}"
    steps = f"{{finished: git.merge, state: merged}}, {start}"

    assert score_of(flow(steps, f"{{state: merging, data: {REVIEW}}}")).passed == 1


def test_an_event_about_another_instance_moves_nothing() -> None:
    event = "{event: git.pushed, as: ci, params: {repo: acme/web, branch: y, commit: c2}"
    begins = f"{{state: in_review, data: {REVIEW}}}"

    assert score_of(flow(f"{event}, refused: not-in-state}}", begins)).passed == 1


def test_params_that_do_not_fit_refuse_a_step() -> None:
    steps = "{run: request-changes, as: cleo, params: {comment: No.}, refused: params}"

    assert score_of(flow(steps, f"{{state: in_review, data: {REVIEW}}}")).passed == 1


@pytest.mark.parametrize("name", ["acme-house", "failures"])
def test_the_tests_of_a_house_say_what_its_case_wants(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    want = (CASES / name / "want.txt").read_text(encoding="utf-8")

    code = main(["test", str(CASES / name / "house")])

    assert capsys.readouterr().out == want
    assert code == (0 if want.endswith(" 0 failed.\n") else 1)


def test_a_failure_says_its_place_first() -> None:
    body = """\
cases:
  - {name: one, actor: dana, action: git.push, params: {branch: x}, expect: deny}
"""
    (failure,) = score_of(body).failures

    assert failure.place == Place("example.yaml", 7, 12)
    assert str(failure).splitlines()[0] == "example.yaml:7:12: failed: one"
