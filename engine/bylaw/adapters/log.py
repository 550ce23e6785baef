"""Logs: one line an event on standard error, from Bylaw and from the libraries it runs on.

JSON where a machine reads it, colours where a person does; secrets are masked before a line is
made. Standard output is never written to: it belongs to MCP on stdio.
"""

import logging
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol, TextIO

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.stdlib import ProcessorFormatter
from structlog.types import EventDict, Processor, WrappedLogger

from bylaw.base.plain import Plain
from bylaw.base.redaction import Redactor

# Libraries that bring handlers of their own.
LIBRARIES = ("uvicorn", "uvicorn.error", "uvicorn.access", "fastmcp", "mcp", "sqlalchemy")
# They say at `info` what Bylaw says better, or at `debug` what was sent, headers included.
CHATTY = (
    *("httpx2", "httpcore2", "watchfiles", "asyncio", "mcp", "sqlalchemy", "aiosqlite", "alembic"),
    *("pgqueuer", "sse_starlette", "fastmcp"),
)
DEEPEST = 6


class LogSettings(Protocol):
    """What the settings say about the log."""

    @property
    def log_level(self) -> str:
        """`debug`, `info`, `warning` or `error`."""
        ...

    @property
    def log_format(self) -> str:
        """`json`, `console`, or `auto`: as the stream is a terminal or not."""
        ...


def configure_log(
    settings: LogSettings, redactor: Redactor, *, stream: TextIO | None = None
) -> None:
    """Send every log of this process to `stream`, standard error by default.

    Calling it again replaces what was configured before; so a new redactor takes effect.
    """
    to = sys.stderr if stream is None else stream
    before = _before_rendering()
    structlog.configure(
        processors=[*before, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(to)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[*before, structlog.stdlib.ExtraAdder()],
            processors=[
                ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _Masking(redactor),
                *_rendering(settings.log_format, to),
            ],
        )
    )
    _take_over(handler, settings.log_level.upper())


def correlated(correlation_id: str, **more: str) -> AbstractContextManager[None]:
    """Name the request in every line that is logged inside, by whatever part."""
    return bound_contextvars(correlation_id=correlation_id, **more)


def _before_rendering() -> list[Processor]:
    return [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]


def _rendering(form: str, to: TextIO) -> list[Processor]:
    is_console = to.isatty() if form == "auto" else form == "console"
    if not is_console:
        return [structlog.processors.JSONRenderer(ensure_ascii=False)]
    # Plain tracebacks: rich ones show local variables, and those may be secrets.
    plain = structlog.dev.plain_traceback
    return [
        structlog.dev.ConsoleRenderer(
            colors=to.isatty(), exception_formatter=plain, timestamp_key="at"
        )
    ]


def _take_over(handler: logging.Handler, level: str) -> None:
    """Make the handler the only one, for the libraries too."""
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in LIBRARIES:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(logging.NOTSET)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


class _Masking:
    """Masks secrets in everything that a line is made of."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def __call__(self, _logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
        return {
            str(name): value
            for name, value in self._redactor.value(_plain(event_dict, depth=0)).items()
        }


def _plain(value: object, *, depth: int) -> Plain:
    """Return what a line shows of a value: texts and numbers, and of anything else its text."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if depth < DEEPEST and isinstance(value, Mapping):
        return {str(name): _plain(value[name], depth=depth + 1) for name in value}
    if depth < DEEPEST and isinstance(value, list | tuple | set | frozenset):
        return [_plain(item, depth=depth + 1) for item in value]
    return _shown(value)


def _shown(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - a log line must not break what it tells about
        return "<a value that cannot be shown>"
