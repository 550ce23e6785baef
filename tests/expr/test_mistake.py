"""What an author may write wrong, and what is then said, with the column."""

from dataclasses import replace

import pytest

from bylaw.expr.names import Names
from tests.expr.expressions import NAMES, condition, mistakes


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("frozen && true", "8 syntax: `&&` is not known here [write `and`]"),
        ("frozen || true", "8 syntax: `||` is not known here [write `or`]"),
        ("!frozen", "1 syntax: `!` is not known here [write `not x`]"),
        ('tests === "x"', "7 syntax: `===` is not known here [write `==`]"),
        ('tests !== "x"', "7 syntax: `!==` is not known here [write `!=`]"),
        ('tests = "x"', "7 syntax: `=` is not known here [write `==` to compare]"),
        ("frozen ? 1 : 2", "8 syntax: `?` is not known here [write `a if condition else b`]"),
        ("frozen AND true", "8 syntax: `AND` is not known here [write `and`]"),
        ("tests <> 1", "7 syntax: `<>` is not known here [write `!=`]"),
        ("frozen if true", "1 syntax: there is an `if` without its `else`"),
        ("len(tests", "4 syntax: `(` is not closed"),
        ("tests)", "6 syntax: `)` closes nothing"),
        ("[tests)", "7 syntax: `)` closes something else"),
        ("tests ==", "9 syntax: the expression ends too early"),
        ("tests tests", "7 syntax: the expression cannot be read at `tests`"),
        ('tests == "x', "10 syntax: the text that begins here has no closing quote"),
        ("", "1 syntax: there is no expression here"),
        (" \n ", "1 syntax: there is no expression here"),
        ("frozen # really", "8 syntax: a comment does not stand in an expression"),
        ("frozen\x00", "7 syntax: there is a character here that cannot be seen"),
        ("frozen\ud800", "7 syntax: there is a character here that cannot be seen"),
        ("\u212f == 1", "1 not-allowed: `\u212f` does not stand here [put it in quotes]"),
        (
            "tests == \u201cx\u201d",
            "10 not-allowed: `\u201c` does not stand here [write plain quotes]",
        ),
        (
            '${params.branch} == "x"',
            (
                "1 syntax: `${…}` does not stand in an expression"
                " [write the name bare, `params.branch`; join texts with `+`]"
            ),
        ),
        (
            'glob(params.path, "${tests}/**")',
            (
                "20 syntax: `${…}` does not stand in an expression"
                " [write the name bare, `params.branch`; join texts with `+`]"
            ),
        ),
        (
            'f"{now}" == "x"',
            "1 not-allowed: `f` before quotes is not possible [join texts with `+`]",
        ),
        ('tests == """x"""', "10 not-allowed: a text has one quote at each end"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, says: str) -> None:
    assert mistakes(text) == [says]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "x" * 2_001,
            (
                "1 too-long: an expression of 2001 characters is too long"
                " [at most 2000 are possible: name parts of it]"
            ),
        ),
        (
            "tests == [" + "1, " * 300 + "]",
            "314 too-long: the expression has more than 200 parts [give names to parts of it]",
        ),
        (
            "not " * 40 + "frozen",
            "1 too-long: the expression is nested too deeply [give names to parts of it]",
        ),
        (
            "(" * 300 + "1" + ")" * 300,
            "1 too-long: the expression is nested too deeply [give names to parts of it]",
        ),
    ],
)
def test_what_is_too_large_is_named(text: str, says: str) -> None:
    assert mistakes(text) == [says]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("testz == 1", "1 unknown-name: `testz` is not known here [did you mean `tests`?]"),
        ("frozen and testz", "12 unknown-name: `testz` is not known here [did you mean `tests`?]"),
        ("\n  testz == 1", "4 unknown-name: `testz` is not known here [did you mean `tests`?]"),
        (
            '"\u00e4\u00f6" == testz',
            "9 unknown-name: `testz` is not known here [did you mean `tests`?]",
        ),
        ("actor.rolez == 1", "7 unknown-name: `actor` has no `rolez` [did you mean `roles`?]"),
        ("action.x == 1", "8 unknown-name: `action` has no `x` [it has `name`, `tags`]"),
        (
            "workflow.data.x.y == 1 and scope.x",
            "34 unknown-name: `scope` has no fields, so no `x`",
        ),
        ("limits.x == 1", "8 unknown-name: `limits` has no `x`"),
        ("protected[9] == 1", "1 unknown-name: `protected` has no `[9]`"),
        (
            "undefined == 1",
            (
                "1 unknown-name: `undefined` is not known here"
                " [write `has(params.x)` to ask whether it is there]"
            ),
        ),
        ("nil == 1", "1 unknown-name: `nil` is not known here [write `null`]"),
        ("len == 1", "1 unknown-name: `len` is a function [call it: `len(…)`]"),
        ("len2(tests)", "1 unknown-function: `len2` is not a function [did you mean `len`?]"),
        ("zzz(tests)", "1 unknown-function: `zzz` is not a function"),
        ("push(tests, 1)", "1 unknown-function: `push` is not a function [write `append(x, …)`]"),
        ('happened("x")', "1 not-yet: `happened` cannot be asked yet"),
        ('count("x") > 1', "1 not-yet: `count` cannot be asked yet"),
        ("command.unreadable", "1 not-yet: `command` cannot be read yet"),
        (
            "params.dry-run",
            (
                "12 unknown-name: `run` is not known here"
                ' [a field with a dash is read as `params["dry-run"]`]'
            ),
        ),
        (
            "params.files.length > 1",
            (
                "14 not-allowed: `.length` is not known here"
                ' [write `len(params.files)`; a field of this name is `params.files["length"]`]'
            ),
        ),
        (
            "tests.length > 1",
            (
                "7 not-allowed: `.length` is not known here"
                ' [write `len(tests)`; a field of this name is `tests["length"]`]'
            ),
        ),
        (
            'params.branch.startswith("x")',
            (
                "1 not-allowed: `.startswith(…)` cannot be called"
                " [write `starts_with(params.branch, …)`]"
            ),
        ),
        (
            "tests.wiggle()",
            "1 not-allowed: `.wiggle(…)` cannot be called [functions stand alone: `len(x)`]",
        ),
        ("len(tests)(1)", "1 not-allowed: `len(tests)(1)` cannot be called"),
        ("len(*tests) > 1", "1 not-allowed: arguments are written one by one, without `*`"),
        ("len(**labels) > 1", "1 not-allowed: arguments are written one by one, without `*`"),
    ],
)
def test_what_is_not_known_is_named(text: str, says: str) -> None:
    assert mistakes(text) == [says]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "2 ** 3 == 8",
            ("1 not-allowed: the operator in `2 ** 3` is not possible [multiply instead of `**`]"),
        ),
        (
            "frozen | true",
            "1 not-allowed: the operator in `frozen | true` is not possible [write `and`]".replace(
                "and", "or"
            ),
        ),
        ("1 << 3 == 8", "1 not-allowed: the operator in `1 << 3` is not possible"),
        ("~frozen", "1 not-allowed: the operator in `~frozen` is not possible [write `not`]"),
        ("+1 == 1", "1 not-allowed: the operator in `+1` is not possible [leave the `+` out]"),
        (
            "tests is null",
            ("1 not-allowed: `is` does not stand in an expression [write `==` or `!=`]"),
        ),
        (
            "(lambda: 1) == 1",
            ("2 not-allowed: a function of its own does not stand in an expression"),
        ),
        (
            "(x := 1) == 1",
            (
                "2 not-allowed: an assignment does not stand in an expression"
                " [write `==` to compare]"
            ),
        ),
        (
            "[x for x in approved_by] == 1",
            (
                "1 not-allowed: a comprehension does not stand in an"
                " expression [only `any(… for x in list)` and `all(…)` can go over lists]"
            ),
        ),
        (
            "len(x for x in approved_by)",
            (
                "4 not-allowed: `for` does not stand in an expression"
                " [it stands alone in `any(…)` or `all(…)`]"
            ),
        ),
        (
            "{1, 2} == 1",
            ("1 not-allowed: a set does not stand in an expression [write a list: `[…]`]"),
        ),
        (
            "[*approved_by] == 1",
            ("2 not-allowed: `*` before a value does not stand in an expression"),
        ),
        ("1j == 1", "1 not-allowed: `1j` does not stand in an expression"),
        ("... == 1", "1 not-allowed: `...` does not stand in an expression"),
        ("params.a[::2] == 1", "12 not-allowed: a part has a beginning and an end only"),
        (
            "params.a[:2, 1] == 1",
            ("10 not-allowed: `:` does not stand in an expression [it stands alone in `[…]`]"),
        ),
        (
            "any(a == b for a in tests for b in tests)",
            (
                "4 not-allowed: `for` goes over one list,"
                " with one name for its items [nest `any(…)` and `all(…)`]"
            ),
        ),
        (
            "any(a == b for a, b in tests)",
            (
                "4 not-allowed: `for` goes over one list,"
                " with one name for its items [nest `any(…)` and `all(…)`]"
            ),
        ),
        (
            "any(tests for tests in approved_by)",
            ("15 shadow: `tests` means something else already [give the items another name]"),
        ),
        (
            "any(len for len in approved_by)",
            ("13 shadow: `len` means something else already [give the items another name]"),
        ),
        (
            "any(any(x for x in x) for x in approved_by)",
            ("15 shadow: `x` means something else already [give the items another name]"),
        ),
    ],
)
def test_what_does_not_stand_in_an_expression_is_named(text: str, says: str) -> None:
    assert mistakes(text) == [says]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "1",
            (
                "1 type: this condition is a number, where true or false is needed"
                " [compare it with something]"
            ),
        ),
        (
            "len(tests)",
            (
                "1 type: this condition is a number, where true or false is needed"
                " [compare it with something]"
            ),
        ),
        (
            "{} if frozen else {}",
            (
                "1 type: this condition is a mapping, where true or false is"
                " needed [compare it with something]"
            ),
        ),
        (
            "[tests]",
            (
                "1 type: this condition is a list, where true or false is needed"
                " [compare it with something]"
            ),
        ),
        (
            "frozen and tests + 1 and 3",
            ("26 type: `3` is a number, where true or false is needed [compare it]"),
        ),
        ('not "x"', '5 type: `"x"` is a text, where true or false is needed [compare it]'),
        ('"a" * 3 == tests', '1 type: `"a"` is a text, where a number is needed'),
        ("[1] * 3 == tests", "1 type: `[1]` is a list, where a number is needed"),
        ('"%s" % tests == "x"', '1 type: `"%s"` is a text, where a number is needed'),
        ('1 < "x"', '1 type: `1 < "x"`: a whole number and a text have no order'),
        ("1 / 0 == tests", "1 type: `1 / 0`: nothing can be divided by zero"),
        ("9223372036854775808 == tests", "1 type: `9223372036854775808` is too large a number"),
        ("1e999 == tests", "1 type: `1e999` is too large a number"),
        ("lower(3) == tests", "1 type: `lower(3)`: a text is needed, not a whole number"),
        (
            'duration("5x") == tests',
            ('1 type: `duration("5x")`: a duration is a number and ms, s, m, h, d or w: `5m`'),
        ),
        (
            'now > "2026-01-01"',
            (
                '1 type: `now > "2026-01-01"` compares a moment with something'
                ' else [write `timestamp("2027-01-31")`]'
            ),
        ),
        (
            "names >= 2",
            "1 type: `names >= 2` compares a list with something else [write `len(names) >= 2`]",
        ),
        (
            "2 == names",
            "1 type: `2 == names` compares a list with something else [write `2 == len(names)`]",
        ),
        (
            'actor.roles == "admin"',
            (
                '1 type: `actor.roles == "admin"` compares a list with something else'
                ' [write `"admin" in actor.roles`]'
            ),
        ),
        (
            'hour(now, "Europe/Berln") > 1',
            (
                '1 type: `"Europe/Berln"`: `Europe/Berln` is not a time'
                " zone; one is `Europe/Berlin`"
            ),
        ),
        ('has("params.x")', '1 type: `"params.x"` is not a path [write `has(params.ticket)`]'),
        (
            "has(params.a[tests])",
            ("1 type: `params.a[tests]` is not a path [write `has(params.ticket)`]"),
        ),
        ("params.a[1.5] == 1", "10 type: `1.5` is neither the name of a field nor a position"),
        ("params.a[true] == 1", "10 type: `true` is neither the name of a field nor a position"),
        ("{1: 2} == tests", "2 type: a field's name is a text in quotes"),
        ("{**labels} == tests", "4 type: a field's name is a text in quotes"),
        ("in_state(tests)", "1 type: `in_state` needs the id of a state in quotes"),
        (
            'in_state("unanswered")',
            (
                "10 unknown-state: `unanswered` is not a state here"
                " [did you mean `open.unanswered`?]"
            ),
        ),
        (
            'in_state("drafd")',
            ("10 unknown-state: `drafd` is not a state here [did you mean `draft`?]"),
        ),
        ('matches(tests, "(a")', '1 regex: `"(a"`: missing ): (a'),
        (
            "matches(tests, params.regex)",
            (
                "1 regex: `params.regex` is not known before a run, so"
                " `matches` cannot use it [write the pattern itself]"
            ),
        ),
        (
            r'matches(tests, "\bmain")',
            (
                r'1 regex: `"\bmain"`: `\b` in quotes is a backspace:'
                r" write `r` before the quotes, or `\\b`"
            ),
        ),
        ("matches(tests, 3)", "1 regex: `3`: a text is needed, not a whole number"),
        (
            "len() > 1",
            (
                "1 arguments: `len()` does not fit `len(value)`"
                " [for example `len(params.summary) >= 10`]"
            ),
        ),
        (
            "len(tests, 1) > 1",
            (
                "1 arguments: `len(tests, 1)` does not fit `len(value)`"
                " [for example `len(params.summary) >= 10`]"
            ),
        ),
        (
            "len(tests, value=1) > 1",
            (
                "1 arguments: `len(tests, value=1)` does not fit `len(value)`"
                " [for example `len(params.summary) >= 10`]"
            ),
        ),
        (
            "hour(now, tz=1) > 1",
            (
                "1 arguments: `hour(now, tz=1)` does not fit `hour(moment,"
                ' zone="UTC")` [for example `9 <= hour(now, "Europe/Berlin") < 16`]'
            ),
        ),
        (
            "min() > 1",
            (
                "1 arguments: `min()` does not fit `min(value, …)`"
                " [for example `min(params.count, 10)`]"
            ),
        ),
    ],
)
def test_what_does_not_fit_is_found_before_a_run(text: str, says: str) -> None:
    assert mistakes(text) == [says]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (3, "1 type: a whole number is not a condition"),
        (None, "1 type: null is not a condition"),
        (["a"], "1 type: a condition is one text, not a list or mapping"),
    ],
)
def test_a_condition_is_a_text(given: object, says: str) -> None:
    assert mistakes(given)[0].startswith(says)


def test_all_mistakes_are_found_at_once() -> None:
    found = mistakes("testz == 1 and actor.rolez == 2 and lenn(tests.a.b) > 2")
    assert [line.split(":")[0] for line in found] == [
        "1 unknown-name",
        "22 unknown-name",
        "37 unknown-function",
    ]


def test_a_mistake_brings_no_others_with_it() -> None:
    assert len(mistakes("not testz.a.b[0] and 1 < lower(testz)")) == 2


def test_in_state_stands_in_workflows_only() -> None:
    names = Names(roots={}, vars={}, conditions={}, states=None)
    assert mistakes('in_state("draft")', names) == [
        "1 not-allowed: `in_state` stands in workflows only"
    ]


def test_a_field_of_a_closed_record_may_be_called_length() -> None:
    names = NAMES.with_roots({"box": {"length": NAMES.roots["scope"]}})
    assert condition("box.length > 1", names).test({"box": {"length": 2}}) is True


def test_a_condition_that_was_not_compiled_here_cannot_be_named() -> None:
    names = NAMES.with_conditions({"odd": replace(condition("frozen"), tree=None)})
    assert mistakes("odd", names) == ["1 unknown-name: `odd` cannot be used here"]
