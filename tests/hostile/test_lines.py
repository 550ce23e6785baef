"""Words on the command line that nobody types: an exit code and a sentence, never a trace."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bylaw.faces.cli.main import main
from tests.hostile.leaks import TRACES
from tests.hostile.rubbish import texts

VERBS = ("actions", "state", "policy", "context", "run", "event", "enforce", "status")
OPTIONS = ("--param", "--params", "--fact", "--limit", "--value", "--json", "--url", "-h", "--")
words = st.sampled_from((*OPTIONS, "a=1", "a=[", "=", "1e999", "\udcff", "--limit=9e9")) | texts
lines = st.tuples(st.sampled_from(VERBS), st.lists(words, max_size=5))


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no server to ask."""
    monkeypatch.setenv("BYLAW_URL", "http://127.0.0.1:9")


@given(lines)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_end_with_a_code(
    capsys: pytest.CaptureFixture[str], line: tuple[str, list[str]]
) -> None:
    verb, rest = line
    try:
        code = main([verb, *rest])
    except SystemExit as ended:
        code = int(ended.code or 0)

    said = capsys.readouterr()
    assert code in (0, 2, 3)
    assert not [word for word in TRACES[:2] if word in said.err + said.out]
