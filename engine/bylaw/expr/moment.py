"""Functions over moments: each takes a moment, or a text like `2026-11-20T10:00:00Z`."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bylaw.base.duration import parse_duration
from bylaw.base.plain import Plain
from bylaw.expr.failure import Failure, needs
from bylaw.expr.text import string

LONGEST = 40


def moment(value: Plain) -> datetime:
    """Return the moment that a value is or says; a text without a zone is UTC."""
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    if not isinstance(value, str):
        raise needs("a moment", value)
    if len(value) > LONGEST:
        raise Failure("this text is not a moment")
    try:
        return moment(datetime.fromisoformat(value))
    except ValueError as error:
        raise Failure("a moment is written as `2026-11-20T10:00:00Z`") from error


def zone_of(name: Plain) -> ZoneInfo:
    """Return a time zone by its name. Raises Failure."""
    try:
        return ZoneInfo(string(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Failure(f"`{name}` is not a time zone; one is `Europe/Berlin`") from error


def _bound(question: Callable[[datetime], Plain]) -> Callable[[Plain], Callable[[Plain], Plain]]:
    """Return the maker of this question for one time zone."""

    def bind(zone: Plain) -> Callable[[Plain], Plain]:
        known = zone_of(zone)
        return lambda value: question(moment(value).astimezone(known))

    return bind


hour_in = _bound(lambda local: local.hour)
minute_in = _bound(lambda local: local.minute)
day_in = _bound(lambda local: local.day)
weekday_in = _bound(lambda local: local.isoweekday())
date_in = _bound(lambda local: local.date().isoformat())


def asked(bind: Callable[[Plain], Callable[[Plain], Plain]]) -> Callable[..., Plain]:
    """Return the question for a moment and a time zone that only a run knows."""
    return lambda value, zone: bind(zone)(value)


def duration(text: Plain) -> Plain:
    """Return the seconds of a duration such as `5m`."""
    found = parse_duration(string(text))
    if found is None:
        raise Failure("a duration is a number and ms, s, m, h, d or w: `5m`")
    seconds = found.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


def seconds_between(first: Plain, second: Plain) -> Plain:
    """Return the seconds from the first moment to the second; negative if it was earlier."""
    return (moment(second) - moment(first)).total_seconds()
