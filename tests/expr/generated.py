"""Generated expressions and facts: mostly such as authors write, now and then odd ones."""

from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.expr.expressions import ENV

FIELDS = ["branch", "count", "force", "items", "keys", "get", "files"]
TEXTS = ["params.branch", "tests", "params.get", "protected[0]", "labels.team", "actor.id"]
NUMBERS = ["params.count", "limits.files", 'params["items"].keys', "params.files[0]", "sizes[-1]"]
LISTS = ["params.files", "approved_by", "protected", 'params["keys"]', "actor.roles", "sizes"]
TRUTHS = ["params.force", "frozen", "calm", "true", "false"]
OTHERS = ["params.items", "resource.owner", "workflow.name", "now", "labels", "params.gone"]
PATHS = [*TEXTS, *NUMBERS[:3], *LISTS[:3], "params.force", *OTHERS[:3]]
TEXT_CONSTANTS = ['"main"', '"a"', '""', '"passed"', '"web"', '"*"']
COMPARE = ["==", "!=", "<", "<=", ">", ">="]

wrong_facts = st.sampled_from([None, True, 0, "a", [], ["a", 1], {}, {"keys": 1}, {"name": None}])
right_facts: dict[str, st.SearchStrategy[Any]] = {
    "branch": st.sampled_from(["main", "a", "release/1"]),
    "count": st.integers(0, 4),
    "force": st.booleans(),
    "items": st.fixed_dictionaries({"keys": st.integers(0, 4)}),
    "keys": st.lists(st.sampled_from(["a", "main", 1]), max_size=3),
    "get": st.sampled_from(["a", "main"]),
    "files": st.lists(st.sampled_from([1, 2, "a", "main", {"name": "a"}]), max_size=3),
}


Texts = st.SearchStrategy[str]
WRONG = ["tests", "frozen", "approved_by", "labels"]
GONE = ["tests", "labels", "$states"]
ORDER = st.sampled_from(COMPARE)
ASKED = [
    *('in_state("draft")', 'in_state("open")', 'matches(tests, "a.s")', "params.count"),
    "glob_any(path=params.branch, patterns=protected)",
    *('startswith(params.branch, "m")', "any([frozen, params.force])"),
    *("all([params.force, frozen])", "has(params.items.keys)", "has(params.gone)"),
    *(f"has({path})" for path in PATHS),
]
ITEMS = [
    *("x == 1", 'x == "a"', 'x in ["main", 1]', 'x.name == "a"', "has(x.name)", "x", "x > 1"),
]


@st.composite
def environments(draw: st.DrawFn) -> dict[str, Any]:
    """Facts: most of the right type, some of another, some missing."""
    params = draw(st.fixed_dictionaries(right_facts))
    for name in draw(st.sets(st.sampled_from(FIELDS), max_size=2)):
        params[name] = draw(wrong_facts)
    for name in draw(st.sets(st.sampled_from(FIELDS), max_size=2)):
        del params[name]
    env = {**ENV, "params": params, "frozen": draw(st.booleans())}
    for name in draw(st.sets(st.sampled_from(WRONG), max_size=1)):
        env[name] = draw(wrong_facts)
    for name in draw(st.sets(st.sampled_from(GONE), max_size=1)):
        del env[name]
    return env


def form(pattern: str, *parts: Texts) -> Texts:
    """Return the texts that a pattern makes of its parts."""
    return st.tuples(*parts).map(lambda texts: pattern.format(*texts))


@cache
def numbers(depth: int) -> Texts:
    """Numbers, mostly."""
    plain = st.sampled_from([*NUMBERS, "0", "1", "2", "-1", "0.5"])
    odd = st.sampled_from([*TEXTS, *OTHERS, *LISTS])
    if depth <= 0:
        return plain | plain | odd
    below = numbers(depth - 1)
    sign = st.sampled_from(["+", "-", "*", "/", "//", "%"])
    return st.one_of(
        *(plain, plain, odd),
        form("len({})", values(depth - 1)),
        form("min({}, {})", below, below),
        form("(-{})", st.sampled_from(NUMBERS)),
        form("({} {} {})", below, sign, below),
    )


@cache
def texts(depth: int) -> Texts:
    """Texts, mostly."""
    plain = st.sampled_from(TEXTS) | st.sampled_from(TEXT_CONSTANTS)
    if depth <= 0:
        return plain
    below = texts(depth - 1)
    return st.one_of(
        plain,
        form("lower({})", below),
        form("({} + {})", below, below),
        form("{}[{}:]", st.sampled_from(TEXTS), numbers(0)),
        form("text({})", values(depth - 1)),
    )


@cache
def lists(depth: int) -> Texts:
    """Lists, mostly."""
    written = st.sampled_from(['["a", "main"]', "[1, 2]", "[]", '("main", 1)', "labels"])
    plain = st.sampled_from(LISTS) | written
    if depth <= 0:
        return plain
    below = lists(depth - 1)
    return st.one_of(
        plain,
        form("[{}, {}]", values(depth - 1), values(depth - 1)),
        form("append({}, {})", below, values(depth - 1)),
        form("unique({})", below),
        form("({} + {})", below, below),
        form("{}[:{}]", st.sampled_from(LISTS), numbers(0)),
    )


@cache
def values(depth: int) -> Texts:
    """Values of any kind."""
    plain = st.sampled_from([*OTHERS, *TRUTHS, "null"])
    typed = (numbers(depth), texts(depth), lists(depth))
    if depth <= 0:
        return st.one_of(plain, *typed)
    below = values(depth - 1)
    return st.one_of(
        *(plain, *typed),
        form("{}[{}]", st.sampled_from([*LISTS, "labels", "params"]), below),
        form("({} if {} else {})", below, truths(depth - 1), below),
        form('{{"name": {}, "get": 1}}', below),
    )


@cache
def clauses(depth: int) -> Texts:
    """One clause of a condition."""
    below = min(depth, 1)
    number, text, value = numbers(below), texts(below), values(below)
    return st.one_of(
        st.sampled_from(TRUTHS),
        st.sampled_from(ASKED),
        form("{} {} {}", number, ORDER, number),
        form("({} {} {} {} {})", number, ORDER, number, ORDER, number),
        form("{} {} {}", text, st.sampled_from(["==", "!=", "in"]), text),
        form("{} {} {}", value, st.sampled_from(["in", "not in"]), lists(below)),
        form("{} == {}", value, value),
        quantifiers(depth),
    )


@cache
def quantifiers(depth: int) -> Texts:
    """Every sort of `any` and `all`."""
    which, items = st.sampled_from(["any", "all"]), st.sampled_from(ITEMS)
    element = items | truths(0) if depth > 0 else items
    return st.one_of(
        form("{}({} for x in {})", which, element, lists(0)),
        form("{}({} for x in {} if {})", which, element, lists(0), items),
    )


@cache
def truths(depth: int) -> Texts:
    """Conditions."""
    if depth <= 0:
        return clauses(0)
    below = truths(depth - 1)
    some = st.lists(below, min_size=2, max_size=3)
    return st.one_of(
        clauses(depth),
        form("not ({})", below),
        form("({} if {} else {})", below, below, below),
        some.map(lambda parts: "(" + " and ".join(parts) + ")"),
        some.map(lambda parts: "(" + " or ".join(parts) + ")"),
    )
