from bylaw.base.plain import Plain
from bylaw.decide.workflow import possible
from tests.compile.workflows import workflow_of
from tests.decide.machines import DORA, NOW, Play, at, env_of, no

ORDER = """
kind: workflow
name: order
key: ${id}
inputs: {id: {type: string}}
data:
  log: {type: array, default: []}
  n: {type: integer, default: 0}
initial: a
states:
  a:
    initial: a1
    enter: {set: {log: "${append(log, 'enter a')}"}}
    exit:
      set: {log: "${append(log, 'exit a')}"}
      do: [{action: notify.send, with: {to: exit, text: "${n}"}}]
    states:
      a1:
        enter: {set: {log: "${append(log, 'enter a1')}"}}
        exit: {set: {log: "${append(log, 'exit a1')}"}}
        actions:
          go:
            set: {n: 1}
            do: [{action: notify.send, with: {to: act, text: "${n}"}}]
            to: b
          again: {to: a1}
          whole: {to: a}
          stay: {set: {n: "${n + 1}"}}
  b:
    initial: b1
    enter:
      set: {log: "${append(log, 'enter b')}"}
      do: [{action: notify.send, with: {to: enter, text: "${n}"}}]
    states:
      b1:
        enter: {set: {log: "${append(log, 'enter b1')}"}}
        actions: {back: {to: a}, end: {to: c}}
  c: {type: final}
"""

CHOICES = """
kind: workflow
name: choices
key: ${id}
inputs: {id: {type: string}}
data: {n: {type: integer, default: 0}}
initial: a
states:
  a:
    actions:
      add:
        params: {more: {type: integer}}
        when: n + params.more >= 0
        set: {n: "${n + params.more}"}
        to:
          - {when: n >= 10, state: big}
          - {when: n == 5, state: a}
      twice:
        - {when: n > 0, set: {n: 100}}
        - {when: n == 0, set: {n: 50}}
      risky: {params: {what: {type: string}}, when: params.what == "x", to: big}
      unless-zero: {unless: n == 0, to: big}
  big: {type: final}
"""

LOOP = """
kind: workflow
name: loop
key: ${id}
inputs: {id: {type: string}}
data: {n: {type: integer, default: 0}}
initial: a
states:
  a: {actions: {go: {set: {n: 1}, to: b}}}
  b: {always: {when: n == 1, to: c}, actions: {end: {to: d}}}
  c: {always: {when: n == 1, to: b}}
  d: {type: final}
"""

THROUGH = """
kind: workflow
name: through
key: ${id}
inputs: {id: {type: string}}
data: {n: {type: integer, default: 0}}
initial: a
states:
  a: {actions: {go: {to: b}}}
  b:
    after: {1h: {to: a}}
    run: {action: notify.send, with: {to: nobody, text: never}}
    done: {to: c}
    failed: {to: c}
    always: {to: c}
  c: {type: final}
"""


def play(text: str) -> Play:
    return Play.of(workflow_of(text), {"id": "1"})


def log(one: Play) -> Plain:
    return one.instance.data["log"]


def test_states_are_entered_from_the_outside_in() -> None:
    # when
    one = play(ORDER)

    # then
    assert log(one) == ["enter a", "enter a1"]


def test_states_are_left_from_the_inside_out_then_others_are_entered() -> None:
    # given
    one = play(ORDER)

    # when
    at(one.act("go"))

    # then
    assert log(one)[2:] == ["exit a1", "exit a", "enter b", "enter b1"]


def test_what_is_sent_sees_the_data_as_it_is_by_then() -> None:
    # given
    one = play(ORDER)

    # when
    moved = at(one.act("go"))

    # then
    sent = [(effect.params["to"], effect.params["text"]) for effect in moved.effects]
    assert sent == [("exit", 0), ("act", 1), ("enter", 1)]


def test_the_own_name_as_target_leaves_and_enters_again() -> None:
    # given
    one = play(ORDER)

    # when
    moved = at(one.act("again"))

    # then
    assert log(one)[2:] == ["exit a1", "enter a1"]
    assert moved.left == (("a.a1", 2),)
    assert moved.instance.entries == {"a": 1, "a.a1": 3}


def test_a_state_around_as_target_is_left_and_entered_again() -> None:
    # given
    one = play(ORDER)

    # when
    at(one.act("whole"))

    # then
    assert log(one)[2:] == ["exit a1", "exit a", "enter a", "enter a1"]


def test_without_a_target_nothing_is_left_or_entered() -> None:
    # given
    one = play(ORDER)

    # when
    moved = at(one.act("stay"))

    # then
    assert (log(one), moved.left, moved.changed) == (["enter a", "enter a1"], (), {"n": 1})
    assert moved.instance.version == 2


def test_choices_see_the_data_after_set() -> None:
    # given
    one = play(CHOICES)

    # when
    at(one.act("add", more=12))

    # then
    assert one.instance.closed


def test_a_transition_none_of_whose_choices_fits_is_not_taken() -> None:
    # given
    one = play(CHOICES)

    # when
    refused = no(one.act("add", more=3))

    # then
    assert refused.code == "guard"
    assert [clause.text for clause in refused.reasons[0].clauses] == ["n >= 10", "n == 5"]
    assert one.instance.data["n"] == 0


def test_of_a_list_the_first_that_fits_is_taken() -> None:
    # given
    one = play(CHOICES)

    # when
    moved = at(one.act("twice"))

    # then
    assert moved.transitions == ("choices/a.twice#2",)


def test_a_guard_over_something_missing_does_not_hold_and_names_it() -> None:
    # given
    one = play(CHOICES)

    # when
    refused = no(one.act("risky"))

    # then
    assert refused.reasons[0].missing == ("params.what",)


def test_an_unless_that_holds_stands_in_the_way() -> None:
    # given
    one = play(CHOICES)

    # when
    refused = no(one.act("unless-zero"))

    # then
    assert refused.reasons[0].message == "Not while `n == 0`."


def test_a_circle_of_always_is_refused_and_named() -> None:
    # given
    one = play(LOOP)

    # when
    refused = no(one.act("go"))

    # then
    assert refused.code == "guard"
    assert "`loop/b.always`" in refused.reasons[0].message
    assert "`loop/c.always`" in refused.reasons[0].message
    assert one.instance.states == ("a",)


def test_a_state_that_is_left_at_once_starts_neither_run_nor_timer() -> None:
    # given
    one = play(THROUGH)

    # when
    moved = at(one.act("go"))

    # then
    assert (moved.effects, moved.timers, moved.left) == ((), (), (("a", 1),))


def test_the_instance_before_a_step_is_as_it_was() -> None:
    # given
    one = play(ORDER)
    before = one.instance
    data = {**before.data}

    # when
    at(one.act("stay"))

    # then
    assert (before.data, before.version) == (data, 1)


def test_params_not_sent_yet_are_what_an_action_depends_on() -> None:
    # given
    one = play(CHOICES)
    env = env_of(DORA)

    # when
    found = {p.action: p for p in possible(one.workflow, one.instance, env, NOW)}

    # then
    assert found["choices.add"].depends == ("params.more",)
    assert found["choices.add"].reason is None
    assert found["choices.twice"].reason is None
    assert found["choices.unless-zero"].reason is not None
