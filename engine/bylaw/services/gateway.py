"""The one pipeline: every face calls `Gateway.call`, and nothing has another way in.

Here a call is read, taken up on one snapshot, handed to its use case, and its answer finished.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import structlog

from bylaw.base.errors import CommitLost, DefinitionLost, StoreUnavailable, Unstorable
from bylaw.base.names import sentence
from bylaw.base.plain import Plain
from bylaw.services.answer import Answer, Refusal, call_of, refusal
from bylaw.services.asking import Asking, begin
from bylaw.services.caller import Caller
from bylaw.services.catalogue import find_action
from bylaw.services.frontdoor import Mistaken, ParamsOf, open_door
from bylaw.services.house import House
from bylaw.services.snapshots import Snapshots
from bylaw.services.status import Status
from bylaw.services.tools import BY_NAME, Tool

log = structlog.get_logger(__name__)

NOT_KNOWN = (
    "The store went away while it wrote this down: it is done as a whole or not at all. "
    "Send it again with the same `idempotency_key`, or see first how things stand."
)

# A use case: what is asked, the arguments as the tool takes them, and the answer or a refusal.
UseCase = Callable[[Asking, Mapping[str, Plain]], Awaitable[Answer | Refusal]]


class Gateway:
    """Answers the eight tools."""

    def __init__(self, house: House, use_cases: Mapping[str, UseCase], status: Status) -> None:
        """Answer each tool with its use case."""
        self._house = house
        self._use_cases = use_cases
        self._status = status

    @property
    def snapshots(self) -> Snapshots:
        """Return where the live snapshot is held."""
        return self._house.snapshots

    def status(self) -> Answer:
        """Return what is live, and what stands in the way of something newer."""
        return self._status.status()

    async def call(self, tool: str, arguments: Mapping[str, Plain], caller: Caller) -> Answer:
        """Answer one call of a tool. Never raises but for a cancelled call."""
        try:
            found = await self._answer(BY_NAME[tool], arguments, caller)
        except Unstorable as error:
            found = refusal("bad-params", f"Not done: {error}.")
        except DefinitionLost as error:
            log.warning("definition lost", tool=tool, reason=str(error))
            found = refusal("unavailable", f"Not done: {error}, and the live one does not fit.")
        except CommitLost:
            log.warning("commit lost", tool=tool, correlation_id=caller.correlation_id)
            found = refusal("outcome-unknown", NOT_KNOWN)
        except StoreUnavailable:
            log.warning("store unavailable", tool=tool, correlation_id=caller.correlation_id)
            found = refusal("unavailable", "Not done: the store did not answer. Try again soon.")
        except Exception:
            # The last line of defence: the caller learns nothing of the inside.
            log.exception("call failed", tool=tool, correlation_id=caller.correlation_id)
            found = refusal("internal", "Not done: something went wrong inside. It was recorded.")
        if not isinstance(found, Refusal):
            return found
        return finished(found.answer(), caller, self._house.clock())

    async def _answer(
        self, tool: Tool, arguments: Mapping[str, Plain], caller: Caller
    ) -> Answer | Refusal:
        snapshot, now = self.snapshots.live, self._house.clock()
        plain = begin(caller, snapshot, {}, now)
        if isinstance(plain, Refusal):
            return plain
        opened = open_door(tool, arguments, params_of(plain))
        if isinstance(opened, Mistaken):
            return mistaken(plain, tool, opened)
        facts = opened.arguments.get("facts")
        asking = begin(caller, snapshot, facts, now) if facts else plain
        if isinstance(asking, Refusal):
            return asking
        found = await self._use_cases[tool.name](asking, opened.arguments)
        return _said_repaired(found, opened.repaired)


def finished(refused: Answer, caller: Caller, now: datetime) -> Answer:
    """Return a refusal with the ids under which it can be found again."""
    moment = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {**refused, "correlation_id": caller.correlation_id, "timestamp": moment}


def params_of(asking: Asking) -> ParamsOf:
    """Return how the front door asks for an action's params; what is not granted has none."""

    def names(name: str) -> frozenset[str] | None:
        action = asking.snapshot.actions.get(name)
        granted = action is not None and asking.granted(action)
        return frozenset(action.params.fields) if action is not None and granted else None

    return names


def mistaken(asking: Asking, tool: Tool, found: Mistaken) -> Refusal:
    """Refuse arguments that cannot be read, with the ones that the tool takes."""
    if found.subject is not None:
        action = find_action(asking, found.subject)
        if isinstance(action, Refusal):
            return action
    said = [part for one in found.mistakes[:5] for part in (one.message, one.hint) if part]
    text = " ".join(sentence(part) for part in said)
    missing = [mistake for mistake in found.mistakes if mistake.missing]
    look = call_of("get_available_actions", "See what you may do, with examples.")
    at = asking.caller.at
    if at is None or at.gateway:
        text = f"{text} {tool.taking}"
    return refusal(
        found.error,
        text,
        missing=[{"argument": one.argument, "type": one.expected} for one in missing],
        next=[look],
    )


def _said_repaired(found: Answer | Refusal, repaired: tuple[str, ...]) -> Answer | Refusal:
    if not repaired:
        return found
    if isinstance(found, Refusal):
        if found.error == "unknown":
            return found
        more = {**found.members, "repaired": list(repaired)}
        return Refusal(error=found.error, summary=found.summary, members=more)
    return {**found, "repaired": [*repaired, *found.get("repaired", [])]}
