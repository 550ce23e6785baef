"""Logs as an operator reads them."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from bylaw.adapters.log import configure_log, correlated
from bylaw.base.redaction import Redactor

KNOWN = "correct horse battery"


@dataclass(frozen=True)
class Wanted:
    log_level: str = "info"
    log_format: str = "json"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Unshowable:
    def __str__(self) -> str:
        raise ValueError("no")


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Give every logger back as it was."""
    root = logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in sorted(root.manager.loggerDict))]
    before = [(one, one.handlers[:], one.level, one.propagate) for one in loggers]
    yield
    structlog.reset_defaults()
    for one, handlers, level, propagate in before:
        one.handlers[:], one.propagate = handlers, propagate
        one.setLevel(level)


@pytest.fixture
def stream() -> io.StringIO:
    into = io.StringIO()
    configure_log(Wanted(), Redactor([KNOWN], b"salt"), stream=into)
    return into


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_event_is_one_line_of_json(stream: io.StringIO) -> None:
    structlog.get_logger("bylaw.test").info("house live", digest="abc", documents=3)

    (line,) = lines(stream)
    assert line.pop("at").endswith("Z")
    assert line == {
        "event": "house live",
        "digest": "abc",
        "documents": 3,
        "level": "info",
        "logger": "bylaw.test",
    }


@pytest.mark.parametrize("name", ["uvicorn.error", "sqlalchemy.engine", "fastmcp", "any.other"])
def test_libraries_log_through_the_same_door(stream: io.StringIO, name: str) -> None:
    logging.getLogger(name).warning("slow: %s", KNOWN, extra={"password": "hunter2"})

    (line,) = lines(stream)
    assert line["event"].startswith("slow: [REDACTED:known-values:")
    assert line["password"].startswith("[REDACTED:field:")
    assert line["logger"] == name


def test_secrets_are_masked_wherever_they_stand(stream: io.StringIO) -> None:
    structlog.get_logger("bylaw").warning(
        f"got {KNOWN}",
        url="postgres://u:hunter2@db/x",
        deep={"a": [(KNOWN,)]},
        error=ValueError(KNOWN),
    )

    assert KNOWN not in stream.getvalue()
    assert "hunter2" not in stream.getvalue()


@pytest.mark.parametrize("form", ["json", "console"])
def test_secrets_are_masked_in_tracebacks(form: str) -> None:
    stream = io.StringIO()
    configure_log(Wanted(log_format=form), Redactor([KNOWN], b"salt"), stream=stream)
    try:
        int(KNOWN)
    except ValueError:
        structlog.get_logger("bylaw").exception("broken")

    assert "[REDACTED:known-values:" in stream.getvalue()
    assert KNOWN not in stream.getvalue()


def test_lines_inside_a_request_name_it(stream: io.StringIO) -> None:
    with correlated("req_1", tool="enforce"):
        structlog.get_logger("bylaw").info("one")
        logging.getLogger("any.other").info("two")
    structlog.get_logger("bylaw").info("three")

    told = [(line.get("correlation_id"), line.get("tool")) for line in lines(stream)]
    assert told == [("req_1", "enforce"), ("req_1", "enforce"), (None, None)]


def test_level_is_kept_and_chatty_libraries_are_quieter(stream: io.StringIO) -> None:
    structlog.get_logger("bylaw").debug("unseen")
    logging.getLogger("httpx2").info("HTTP Request: GET http://x/?token=hunter2")

    assert stream.getvalue() == ""


def test_terminal_gets_lines_for_people() -> None:
    stream = Terminal()
    configure_log(Wanted(log_format="auto"), Redactor([], b"salt"), stream=stream)
    structlog.get_logger("bylaw").info("house live", documents=3)

    assert "house live" in stream.getvalue()
    assert "\x1b[" in stream.getvalue()


def test_configuring_again_takes_the_new_redactor() -> None:
    stream = io.StringIO()
    configure_log(Wanted(), Redactor([], b"salt"), stream=stream)
    configure_log(Wanted(), Redactor([KNOWN], b"salt"), stream=stream)
    structlog.get_logger("bylaw").info(KNOWN)

    assert len(lines(stream)) == 1
    assert KNOWN not in stream.getvalue()


def test_value_that_cannot_be_shown_does_not_break_the_line(stream: io.StringIO) -> None:
    loop: list[object] = [Unshowable()]
    loop.append(loop)
    structlog.get_logger("bylaw").info("odd", value=loop)

    assert "cannot be shown" in lines(stream)[0]["value"][0]
