"""What no answer and no line of the log may say."""

import json
from collections.abc import Iterable
from pathlib import Path

from bylaw.base.plain import Plain
from bylaw.services.answer import ERRORS, Answer
from tests.hostile.wire import Reply
from tests.scenario.server import TOKENS

TRACES = (
    "Traceback",
    'File "',
    "/usr/",
    "site-packages",
    "sqlalchemy",
    "asyncpg",
    "pydantic",
    ".py",
)
# What a mistake of the server itself is called; nothing that is sent may bring it about.
OWN_FAULT = "internal"
LARGEST_REFUSAL = 6_000


def assert_tells_nothing(said: str, house: Path, secrets: Iterable[str] = ()) -> None:
    """See that a text shows nothing of the inside, of the machine, and no secret."""
    for word in (*TRACES, str(house), *secrets):
        assert word not in said, (word, said[:2_000])


def assert_is_answer(answer: Answer, house: Path) -> None:
    """See that an answer is a good one, or the one refusal, and can be sent."""
    said = json.dumps(answer, ensure_ascii=False, allow_nan=False, default=str)
    said.encode()
    if not answer["ok"]:
        assert_is_refusal(answer)
        assert len(said) < LARGEST_REFUSAL, said[:400]
    assert_tells_nothing(said, house)


def assert_is_answered(answer: Plain) -> None:
    """See that an answer is a good one, or the one refusal."""
    if not answer["ok"]:
        assert_is_refusal(answer)


def assert_is_refusal(answer: Plain) -> None:
    """See that an answer has the one shape."""
    assert answer["ok"] is False
    assert answer["error"] in ERRORS, answer
    assert answer["error"] != OWN_FAULT, answer
    assert answer["summary"], answer
    assert answer["correlation_id"].startswith("req_"), answer
    assert answer["timestamp"], answer


def assert_is_refused(reply: Reply, house: Path) -> None:
    """See that a request was refused in the one shape, with an id, or the connection ended."""
    if reply.status == 0:
        return
    answer = reply.json()
    data = answer["error"]["data"] if "jsonrpc" in answer else answer
    assert_is_refusal(data)
    assert reply.headers["x-correlation-id"] == data["correlation_id"]
    assert_tells_nothing(reply.text, house, TOKENS.values())


def assert_log_is_quiet(printed: str, house: Path) -> None:
    """See that a log has no traces; where the house lies only its first lines say."""
    lines = [line for line in printed.splitlines() if line.startswith("{")]
    assert len(lines) > 1
    for line in lines:
        assert_tells_nothing(line, house, TOKENS.values())
        assert json.loads(line)["level"] in ("info", "warning"), line
