from bylaw.compile.workflow import outline, workflow_actions
from bylaw.model.action import ActionSource
from tests.compile.workflows import CASES, case, document, workflow_of


def text(name: str) -> str:
    return (CASES / name / "input.yaml").read_text()


def test_every_action_of_a_workflow_is_in_the_catalogue_once() -> None:
    # when
    actions = workflow_actions(case("code-review"))

    # then
    assert [action.name for action in actions] == [
        "code-review.start",
        "code-review.submit",
        "code-review.approve",
        "code-review.request-changes",
        "code-review.merge",
        "code-review.reopen",
    ]
    assert actions[0].source is ActionSource.START
    assert {action.source for action in actions[1:]} == {ActionSource.WORKFLOW}


def test_the_first_pass_knows_the_same_names_and_params() -> None:
    # when
    known = outline(document(text("incident")))

    # then
    compiled = workflow_actions(case("incident"))
    assert [(one.name, one.params, one.required) for one in known] == [
        (one.name, frozenset(one.params.fields), frozenset(one.params.required))
        for one in compiled
    ]


def test_a_start_takes_the_inputs() -> None:
    # when
    start = workflow_actions(case("code-review"))[0]

    # then
    assert start.params.required == ("repo", "branch", "commit")


def test_a_definition_is_known_by_its_content_whatever_its_order_in_the_file() -> None:
    # given
    again = document(text("code-review"), file="elsewhere.yaml")

    # then
    assert again.digest == case("code-review").definition


def test_states_are_numbered_in_document_order_below_the_root() -> None:
    # when
    states = case("incident").states

    # then
    assert [state.index for state in states] == list(range(len(states)))
    assert states[1].id == "open"
    assert states[1].last == max(s.index for s in states if s.id.startswith("open"))


def test_a_leaf_tries_its_own_transitions_before_those_around() -> None:
    # given
    workflow = case("incident")
    leaf = workflow.states[workflow.by_id["open.unanswered.first-line"]]

    # when
    refs = [one.ref for transitions in leaf.candidates.values() for one in transitions]

    # then
    assert refs == ["incident/open.unanswered.acknowledge", "incident/open.note"]


def test_an_event_by_its_prefix_means_all_below_it() -> None:
    # when
    workflow = workflow_of(
        """
        kind: workflow
        name: alerts
        key: ${alert}
        inputs: {alert: {type: string}}
        initial: a
        states:
          a: {events: {alert: {to: b}}}
          b: {type: final}
        """
    )

    # then
    assert workflow.events == {"alert.fired", "alert.over"}
