"""Answers as HTTP responses; nothing here decides what they say."""

from collections.abc import Mapping

from starlette.responses import Response

from bylaw.faces.wire import encode, status_of
from bylaw.services.answer import Answer

# When to come back, where that is known to help.
RETRY_AFTER_S = {"unavailable": "1", "rate-limited": "1"}


def replied(answer: Answer) -> Response:
    """Return an answer, good or not, with its status."""
    if answer.get("ok"):
        return Response(encode(answer), media_type="application/json")
    return refused(answer)


def refused(
    answer: Answer, *, status: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a refusal, with the status of its error unless HTTP has a closer one."""
    retry = RETRY_AFTER_S.get(str(answer.get("error")))
    more = {"Retry-After": retry} if retry else {}
    return Response(
        encode(answer),
        status_code=status or status_of(answer),
        media_type="application/json",
        headers={**more, **(headers or {})},
    )
