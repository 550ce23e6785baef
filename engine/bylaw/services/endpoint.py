"""Actions as tools of endpoints: which there are for whom, and a call of one.

A call goes the way of every other: through the gateway, as `run_action` or as the tool that an
event or a record has. What a caller is not granted is no tool here, in lists and answers alike.
"""

from collections.abc import Iterable, Mapping, Sequence

from bylaw.base.names import did_you_mean
from bylaw.base.plain import Plain, Record
from bylaw.model.actor import Actor
from bylaw.model.endpoint import Endpoint
from bylaw.model.snapshot import Snapshot
from bylaw.services.answer import Answer, refusal
from bylaw.services.asking import Asking, Clock, begin, begun
from bylaw.services.caller import Caller
from bylaw.services.endpoint_tool import ActionTool, controls_of, takes_facts
from bylaw.services.gateway import Gateway, finished
from bylaw.services.tools import TOOLS

# How many tools an answer names that misses one.
MOST_NAMED = 20


class Endpoints:
    """The endpoints of the live house, and the actions that are tools there."""

    def __init__(self, gateway: Gateway, clock: Clock) -> None:
        """Call through a gateway."""
        self._gateway = gateway
        self._clock = clock
        # The tools of one snapshot; what they say of themselves is the same for everybody.
        self._of = gateway.snapshots.live
        self._made: dict[tuple[str, str], ActionTool] = {}
        # What everybody sees, as long as nothing that it depends on changes.
        self._seen_of = gateway.snapshots.live
        self._seen: dict[Endpoint, dict[str, tuple[ActionTool, ...]]] = {}

    def live(self) -> Mapping[str, Endpoint]:
        """Return the endpoints by name, as they are now."""
        return self._gateway.snapshots.live.endpoints

    def tools(self, caller: Caller) -> tuple[ActionTool, ...]:
        """Return the actions that are tools for a caller, at the endpoint by which it came.

        They stand in the order of the catalogue.
        """
        return self._granted(self._asking(caller, {}))

    def seen(self, endpoint: Endpoint) -> dict[str, tuple[ActionTool, ...]]:
        """Return the same for everybody who has an identity in the house, by id.

        It is the very same object until something of it may have changed.
        """
        snapshot = self._gateway.snapshots.live
        if self._seen_of is not snapshot:
            self._seen = self._kept(snapshot)
            self._seen_of = snapshot
        if endpoint not in self._seen:
            self._seen[endpoint] = self._look(endpoint, snapshot)
        return self._seen[endpoint]

    def _kept(self, snapshot: Snapshot) -> dict[Endpoint, dict[str, tuple[ActionTool, ...]]]:
        """Return what was seen and is seen in a newer snapshot, too."""
        if not shows_the_same(self._seen_of, snapshot):
            return {}
        live = set(snapshot.endpoints.values())
        return {endpoint: seen for endpoint, seen in self._seen.items() if endpoint in live}

    def _look(self, endpoint: Endpoint, snapshot: Snapshot) -> dict[str, tuple[ActionTool, ...]]:
        if not endpoint.tools:
            return {}
        known = (snapshot.server.local, *(one.actor for one in snapshot.server.actors.values()))
        return {actor.id: self.tools(_visitor(actor, snapshot, endpoint)) for actor in known}

    async def call(self, name: str, arguments: Record, caller: Caller) -> Answer:
        """Answer a call of a tool that is none of the gateway's. What is not granted is none."""
        asking = self._asking(caller, arguments.get("facts"))
        found = self._tool(asking, name)
        if found is None:
            there = self._granted(asking)
            return finished(unknown_tool(name, caller, there), caller, self._clock())
        tool, whole = found.call(arguments)
        answer = await self._gateway.call(tool, whole, caller)
        if "next" not in answer or (caller.at is not None and caller.at.gateway):
            return answer
        return readdressed(answer, self._granted(asking))

    def _asking(self, caller: Caller, facts: Plain) -> Asking:
        """Take up a call; facts that are wrong are refused later, by the gateway."""
        snapshot, now = self._gateway.snapshots.live, self._clock()
        sent = begin(caller, snapshot, facts if isinstance(facts, dict) else {}, now)
        return sent if isinstance(sent, Asking) else begun(caller, snapshot, {}, now)

    def _granted(self, asking: Asking) -> tuple[ActionTool, ...]:
        at = asking.caller.at
        found = (self._tool(asking, name) for name in at.tools) if at is not None else ()
        return tuple(tool for tool in found if tool is not None)

    def _tool(self, asking: Asking, name: str) -> ActionTool | None:
        """Return a tool by its name, if its action is granted."""
        at, snapshot = asking.caller.at, asking.snapshot
        action = snapshot.actions.get(at.tools.get(name, "")) if at is not None else None
        if action is None or not asking.granted(action):
            return None
        if self._of is not snapshot:
            self._of, self._made = snapshot, {}
        key = (name, action.name)
        if key not in self._made:
            controls = controls_of(snapshot, action)
            self._made[key] = ActionTool(name=name, action=action, controls=controls)
        return self._made[key]


def shows_the_same(before: Snapshot, after: Snapshot) -> bool:
    """Say whether the tools of one snapshot are there in another, as they are, for the same."""
    servers = before.server, after.server
    whole = [(one.local, one.actors, one.vars) for one in servers]
    if whole[0] != whole[1] or before.modes != after.modes:
        return False
    names = {name for one in before.endpoints.values() for name in one.tools.values()}
    return all(_is_the_same(name, before, after) for name in names)


def _is_the_same(name: str, before: Snapshot, after: Snapshot) -> bool:
    old, new = before.actions.get(name), after.actions.get(name)
    if old is None or new is None or old != new:
        return False
    same_rules = before.rules.get(name) is after.rules.get(name)
    return same_rules or takes_facts(before, old) == takes_facts(after, new)


def _visitor(actor: Actor, snapshot: Snapshot, endpoint: Endpoint) -> Caller:
    return Caller(
        actor=actor,
        scope=snapshot.scope,
        endpoint=endpoint.name,
        correlation_id="",
        at=endpoint,
    )


def unknown_tool(name: str, caller: Caller, tools: Sequence[ActionTool]) -> Answer:
    """Return the refusal of a tool that is not there, or not granted: one answer for both."""
    at = caller.at
    gateway = [tool.name for tool in TOOLS] if at is None or at.gateway else []
    there = [*gateway, *(tool.name for tool in tools)]
    hint = did_you_mean(name, there).capitalize()
    named = ", ".join(f"`{one}`" for one in there[:MOST_NAMED])
    more = " and more" if len(there) > MOST_NAMED else ""
    known = f"There are {named}{more}." if there else "There is none for you."
    parts = (f"There is no tool `{name[:80]}`.", hint, known)
    return refusal("unknown", " ".join(part for part in parts if part)).answer()


def readdressed(answer: Answer, tools: Sequence[ActionTool]) -> Answer:
    """Return an answer whose `next` calls are calls of these tools; other calls are left out."""
    calls = _calls(answer["next"], {tool.action.name: tool for tool in tools})
    rest = {name: value for name, value in answer.items() if name != "next"}
    return {**rest, "next": calls} if calls else rest


def _calls(calls: Iterable[Record], known: Mapping[str, ActionTool]) -> list[Plain]:
    kept: list[Plain] = []
    for call in calls:
        if "tool" not in call:
            kept.append(call)
            continue
        tool = known.get(_action_of(call))
        if tool is not None:
            arguments = call.get("arguments", {})
            beside = {one.name for one in tool.controls} & arguments.keys()
            own = {name: arguments[name] for name in arguments if name in beside}
            kept.append({**call, "tool": tool.name, "arguments": {**_params(call), **own}})
    return kept


def _action_of(call: Record) -> str:
    """Return the action that a call of a gateway tool carries out, or none."""
    arguments = call.get("arguments", {})
    match call["tool"]:
        case "run_action":
            return str(arguments.get("action", ""))
        case "trigger_event":
            return f"event.{arguments.get('event', '')}"
        case "update_context":
            return "context.write"
        case "get_context_data" if "key" in arguments:
            return "context.read"
    return ""


def _params(call: Record) -> Record:
    arguments: Record = call.get("arguments", {})
    if call["tool"] in ("run_action", "trigger_event"):
        params: Record = arguments.get("params", {})
        return params
    return arguments
