"""The closed list of functions: each does what its line says, and is bounded."""

import pytest

from bylaw.expr.check import check
from bylaw.expr.functions import ALIASES, FUNCTIONS, LATER_FUNCTIONS
from bylaw.expr.names import BASE_ROOTS, OPEN, Names, taken_names
from bylaw.expr.parse import parse
from bylaw.model.condition import Unresolved
from tests.expr.expressions import ENV, NAMES, filled, mistakes

EXAMPLE_NAMES = Names(
    roots={**BASE_ROOTS, "approved_by": OPEN, "labels": OPEN, "opened_at": OPEN},
    vars={},
    conditions={},
    states=frozenset({"merging"}),
)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_the_example_of_a_function_is_an_expression_with_it(name: str) -> None:
    function = FUNCTIONS[name]
    tree, found = check(parse(function.example), EXAMPLE_NAMES)
    assert found == []
    assert tree is not None
    assert f"{name}(" in function.example
    assert function.doc


def test_a_signature_shows_what_may_be_left_out() -> None:
    assert FUNCTIONS["hour"].signature == 'hour(moment, zone="UTC")'
    assert FUNCTIONS["min"].signature == "min(value, …)"
    assert FUNCTIONS["glob"].signature == "glob(path, pattern)"


def test_nothing_may_be_called_like_a_root_a_function_or_a_word() -> None:
    taken = taken_names()
    assert taken["params"] == "a root of every expression"
    assert taken["command"] == "a root of every expression"
    assert taken["glob"] == "a function"
    assert taken["true"] == "a word of the language"
    assert taken["class"] == "a word of the language"
    assert taken.keys() >= FUNCTIONS.keys() | ALIASES.keys() | LATER_FUNCTIONS


@pytest.mark.parametrize(
    ("text", "gives"),
    [
        ("len(params.branch) + len(params.files) + len(labels) + len(action.tags)", 8),
        ('contains(params.branch, "ai")', True),
        ('contains(params.files, "x")', False),
        ('contains(labels, "team")', True),
        ("lower('AbÄ') + upper(params.branch) + trim('  x ')", "abäMAINx"),
        ('starts_with(params.branch, "ma") and startswith(params.branch, "ma")', True),
        ('ends_with(params.branch, "in") and not endswith(params.branch, "ma")', True),
        ('matches(params.branch, "a.n")', True),
        ("matches(params.branch, regex)", True),
        (r'matches(params.branch, r"\bma\w+$")', True),
        ('matches(params.branch, "^a")', False),
        ('glob(params.files[0], "src/**")', True),
        ("glob(params.files[0], params.files[1])", False),
        ("glob_any(params.branch, protected)", True),
        ("glob_any(params.branch, params.files)", False),
        ("glob_any(params.branch, [])", False),
        ('split("a/b", "/")', ["a", "b"]),
        ("join(params.files)", "src/a.py, docs/b.md"),
        ('join([1, true, null], separator="-")', "1-true-null"),
        ("text(params.files)", '["src/a.py","docs/b.md"]'),
        ("text(params.share) + text('x') + text(now)", "0.5x2026-11-20T12:30:00Z"),
        ("quote(params.files[0])", "src/a.py"),
        ('quote("it\'s; rm")', "'it'\"'\"'s; rm'"),
        ("quote('')", "''"),
        ("quote(params.count)", "3"),
        ("append([1], 2)", [1, 2]),
        ("remove([1, 2, 1], 1)", [2]),
        ("unique([1, 2, 1])", [1, 2]),
        ("unique([[1], [2], [1]])", [[1], [2]]),
        ('merge(labels, {"a": 1})', {"team": "web", "a": 1}),
        ("min(3, params.share) + max([1, 2])", 2.5),
        ("sum(sizes) + abs(-params.count)", 6),
        ("round(2.567, 2) + round(1.2)", 3.57),
        ("round(params.count)", 3),
        ('number("1.5") + number(" 2 ") + number(params.count)', 6.5),
        ('number("1e2")', 100.0),
        ('int("7") + int(2.9) + int(-2.9)', 7),
        ('timestamp("2026-11-20T13:30:00+01:00") == now', True),
        ('timestamp("2026-11-20")', "2026-11-20T00:00:00Z"),
        ("timestamp(now)", "2026-11-20T12:30:00Z"),
        ('duration("5m") + duration("300ms")', 300.3),
        ('seconds_between("2026-11-20T12:00:00Z", now)', 1800.0),
        ('hour(now) + hour(now, "Europe/Berlin")', 25),
        ('hour(zone="Europe/Berlin", moment=now)', 13),
        ("hour(now, params.zone)", 21),
        ("minute(now) + day(now) + weekday(now)", 55),
        ('date("2026-11-20T23:30:00Z", "Europe/Berlin")', "2026-11-21"),
    ],
)
def test_a_function_gives(text: str, gives: object) -> None:
    params = {**ENV["params"], "zone": "Asia/Tokyo"}
    assert filled(f"${{{text}}}", params=params) == gives


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("len(params.count)", "a text, list or mapping is needed, not a whole number"),
        ("contains(params.count, 1)", "a text, list or mapping is needed"),
        ("contains(params.branch, 1)", "a text is needed"),
        ("lower(params.nothing)", "a text is needed, not null"),
        ("glob(params.count, 'x')", "a text is needed"),
        ("glob(params.branch, params.count)", "a text is needed"),
        ("glob_any(params.branch, params.branch)", "a list is needed, not a text"),
        ("glob_any(params.branch, [params.count])", "a text is needed"),
        ("matches(params.odd, 'x')", "these values do not fit"),
        ("split(params.branch, params.empty)", "a separator is needed"),
        ("split(params.commas, ',')", "there are more than 10000 parts"),
        ("join(params.branch)", "a list is needed"),
        ("join(params.big, params.branch)", "the text is longer than 1000000"),
        ("quote(params.nul)", "no command line can contain a NUL"),
        ("append(params.branch, 1)", "a list is needed"),
        ("append(params.long, 1)", "the list has 10000 items already"),
        ("remove(params.branch, 1)", "a list is needed"),
        ("unique(params.branch)", "a list is needed"),
        ("unique(params.lists)", "there are more than 1000 items"),
        ("merge(labels, params.branch)", "a mapping is needed"),
        ("min(params.branch)", "a list is needed"),
        ("min(params.none)", "the list is empty"),
        ("max(params.count, params.branch)", "these values do not fit"),
        ("sum(params.files)", "a number is needed"),
        ("abs(params.branch)", "a number is needed"),
        ("round(params.share, 99)", "from 0 to 15 decimal places are possible"),
        ("round(params.share, params.share)", "from 0 to 15 decimal places are possible"),
        ("number(params.branch)", "this text is not a number"),
        ("number(params.word)", "this text is not a number"),
        ("number(params.nothing)", "a number is needed, not null"),
        ("timestamp(params.branch)", "a moment is written as"),
        ("timestamp(params.commas)", "this text is not a moment"),
        ("timestamp(params.count)", "a moment is needed"),
        ("duration(params.branch)", "a duration is a number"),
        ("hour(now, params.branch)", "`main` is not a time zone"),
        ("hour(now, params.path)", "is not a time zone"),
        ("now + params.branch", "a number is needed"),
        ("now + params.most", "this is too large"),
        ("params.most + params.most", "the number is too large"),
        ("params.most * params.most", "the number is too large"),
        ("params.files + params.long", "what is joined is longer than 10000"),
    ],
)
def test_a_function_refuses(text: str, says: str) -> None:
    params = {
        **ENV["params"],
        "empty": "",
        "none": [],
        "odd": "\ud800",
        "commas": "," * 10_001,
        "big": ["x" * 1000] * 1001,
        "nul": "a\0",
        "long": [0] * 10_000,
        "lists": [[]] * 1001,
        "word": "nan",
        "path": "../../etc/passwd",
        "most": 2**62,
    }
    found = filled(f"${{{text}}}", params=params)
    assert isinstance(found, Unresolved)
    assert says in found.errors[0]


def test_a_moment_without_a_zone_is_utc() -> None:
    naive = ENV["now"].replace(tzinfo=None)
    assert filled("${hour(params.at)}", params={"at": naive}) == 12


def test_a_bad_glob_list_is_found_before_a_run() -> None:
    assert mistakes("glob_any(tests, [1])") == [
        "1 type: `[1]`: a text is needed, not a whole number"
    ]


def test_the_names_of_the_base_are_known() -> None:
    assert NAMES.all() >= {"params", "protected", "true"}
