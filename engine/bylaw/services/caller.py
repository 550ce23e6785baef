"""Who calls, from where: what every face says with every call, and nothing a caller can choose."""

from dataclasses import dataclass

from bylaw.model.actor import Actor
from bylaw.model.endpoint import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One caller of one call.

    `endpoint` is the endpoint, path or face it came in by (`main`, `/action`, `stdio`);
    `correlation_id` (`req_…`) stands in every answer, log line and audit row of the call. `at` is
    the endpoint as it was when the call came, for whoever came in by one: what it narrows stays
    narrowed to the end of the call, also where a reload has removed it meanwhile.
    """

    actor: Actor
    scope: str
    endpoint: str
    correlation_id: str
    at: Endpoint | None = None
