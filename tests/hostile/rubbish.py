"""What nobody sends who means well: values, texts and JSON, drawn by hypothesis."""

import json

from hypothesis import strategies as st

from bylaw.base.plain import Plain
from bylaw.services.tools import BY_NAME, Tool

TEXTS = (
    *("", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "\u202e", "\ufeff", "\x1b[31m", "\r\n"),
    *(
        "x" * 5_000,
        "é" * 5_000,
        "9" * 5_000,
        "1e999",
        "NaN",
        "-0",
        "null",
        "[]",
        '{"a":',
        "[" * 500,
    ),
    *(
        "${secrets.CI_TOKEN}",
        "${actor.id}",
        "${",
        "{{7*7}}",
        "%s%n",
        "__class__",
        "../../etc/passwd",
    ),
    *(
        "'; DROP TABLE instance; --",
        "*" * 300,
        "(a+)+" * 50,
        "a" * 300 + "*",
        "tag:*",
        "kind:agent",
    ),
    *("code-review:x@y#2", ":", "#", "@", "/", "tasks/", "tasks/**", "9999-99-99", "0001-01-01"),
)
NUMBERS = (
    *(0, -1, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63), 2**70, 10**400, -(10**4_000)),
    *(-0.0, 5e-324, 1.7976931348623157e308, float("inf"), float("-inf"), float("nan"), 1e16, 0.1),
)
ACTIONS = (
    *("code-review.start", "code-review.submit", "code-review.approve", "task.start", "git.push"),
    *(
        "release.start",
        "incident.start",
        "file.write",
        "file.delete",
        "deploy.run",
        "session.stop",
    ),
)
EVENTS = ("tests.finished", "alert.fired", "git.pushed", "deploy.finished")
NAMES = ("repo", "branch", "commit", "path", "content", "command", "status", "severity", "title")

texts = st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=()), max_size=40)
numbers = st.sampled_from(NUMBERS) | st.integers() | st.floats()
scalars = texts | numbers | st.booleans() | st.none()
names = st.sampled_from(NAMES) | texts


def nested(value: Plain, depth: int) -> Plain:
    """Return a value below so many lists and mappings."""
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
) | st.builds(nested, scalars, st.sampled_from((5, 39, 41, 200)))
subjects = st.sampled_from((*ACTIONS, *EVENTS)) | texts | values


def value_of(name: str) -> st.SearchStrategy[Plain]:
    """Return what may be sent as one argument, good or not."""
    if name in ("action", "event"):
        return subjects
    if name in ("params", "facts"):
        return st.dictionaries(names, values, max_size=5) | values
    return values


@st.composite
def arguments(draw: st.DrawFn, tool: Tool) -> dict[str, Plain]:
    """Draw arguments of a tool: most under their names, some under others."""
    chosen = draw(st.lists(st.sampled_from(tool.names), unique=True, max_size=5))
    given = {name: draw(value_of(name)) for name in {*tool.required, *chosen}}
    return given | draw(st.just({}) | st.dictionaries(names, values, max_size=2))


calls = st.sampled_from(sorted(BY_NAME)).flatmap(
    lambda name: st.tuples(st.just(name), arguments(BY_NAME[name]))
)


def written(value: Plain) -> bytes:
    """Return a value as JSON text, also what JSON does not have."""
    return json.dumps(value).encode()


# Texts that are nearly JSON: cut, doubled, of other encodings, or none at all.
TEXTS_OF_JSON = (
    *(b"", b" ", b"\0", b"{", b"}", b"[", b"[]", b"1", b"null", b'"x"', b"{}{}", b"\xff\xfe{}"),
    *(
        b"\xef\xbb\xbf{}",
        b"{'action': 'x'}",
        b'{"action": NaN}',
        b'{"action": 1e999}',
        b'{"a":1,}',
    ),
    *(b'{"action":"a","action":"b"}', b'{"\\ud800":1,"\\ud800":2}', b'{"action":"\\ud800"}'),
    *(b'{"action":' + b"9" * 5_000 + b"}", b'{"action":-0}', b'{"params":{"a":1e-999}}'),
    *(
        b'{"action":"git.push","params":' * 40,
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"[" + b"0," * 30_000,
    ),
    *(
        b'{"action":"\xff"}',
        b'"' + b"\\" * 999 + b'"',
        b'{"action":"x"}\0',
        b"\x1f\x8b\x08\x00" * 9,
    ),
)
texts_of_json = (
    st.sampled_from(TEXTS_OF_JSON)
    | st.binary(max_size=200)
    | values.map(written)
    | st.builds(lambda value, at: written(value)[:at], values, st.integers(0, 60))
)
