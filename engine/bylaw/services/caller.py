"""Who calls, from where: what every face says with every call, and nothing a caller can choose."""

from dataclasses import dataclass

from bylaw.model.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One caller of one call.

    `endpoint` is the path or face it came in by (`/mcp`, `/action`, `stdio`); `correlation_id`
    (`req_…`) stands in every answer, log line and audit row of the call.
    """

    actor: Actor
    scope: str
    endpoint: str
    correlation_id: str
