"""One action as a tool: its name, what it says of itself, and what a call of it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass

from bylaw.base.names import folded, sentence
from bylaw.base.plain import Plain, Record
from bylaw.decide.index import table_of
from bylaw.model.action import Action, ActionSource
from bylaw.model.snapshot import Snapshot
from bylaw.services.listing import reads
from bylaw.services.tools import BY_NAME, Argument

# What each kind of action takes beside its params; a param of the same name stands before it.
CONTROLS: Mapping[ActionSource, tuple[str, ...]] = {
    ActionSource.WORKFLOW: ("instance", "expected_version", "reason", "idempotency_key"),
    ActionSource.START: ("reason", "idempotency_key"),
    ActionSource.HTTP: ("reason", "idempotency_key"),
    ActionSource.OUTSIDE: ("reason",),
    ActionSource.EVENT: ("instance", "id"),
    ActionSource.BUILT_IN: ("expected_version", "idempotency_key"),
}
OUTSIDE = "You do it with your own tools; this asks whether you may, and records it."


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTool:
    """An action as a tool: its name, and the arguments beside the action's own params."""

    name: str
    action: Action
    controls: tuple[Argument, ...]

    @property
    def description(self) -> str:
        """Return what the tool says of itself."""
        said = sentence(self.action.description) or f"Does `{self.action.name}`."
        return f"{said} {OUTSIDE}" if self.action.source is ActionSource.OUTSIDE else said

    @property
    def read_only(self) -> bool:
        """Say whether it changes nothing."""
        return "read-only" in self.action.tags

    def schema(self) -> dict[str, Plain]:
        """Return the JSON Schema of the params and of the arguments beside them."""
        whole = self.action.params.schema()
        beside = {one.name: one.schema() for one in self.controls}
        return {**whole, "properties": {**whole["properties"], **beside}}

    def annotations(self) -> dict[str, bool]:
        """Return the hints that clients show to people before they let a call through."""
        return {
            "readOnlyHint": self.read_only,
            "destructiveHint": self.action.destructive,
            "idempotentHint": self.read_only or self.action.idempotent,
            "openWorldHint": self.action.source is ActionSource.HTTP,
        }

    def call(self, arguments: Record) -> tuple[str, dict[str, Plain]]:
        """Return the tool of the gateway that carries a call, and its arguments."""
        beside = {one.name for one in self.controls}
        given = {name: value for name, value in arguments.items() if name in beside}
        params = {self._param(n): value for n, value in arguments.items() if n not in beside}
        name = self.action.name
        match self.action.source:
            case ActionSource.EVENT:
                return "trigger_event", {
                    "event": name.removeprefix("event."),
                    "params": params,
                    **given,
                }
            case ActionSource.BUILT_IN:
                return carrier_of(self.action), {**params, **given}
            case _:
                return "run_action", {"action": name, "params": params, **given}

    def _param(self, name: str) -> str:
        """Return the param of this name; `-` and `_` are alike."""
        fields = self.action.params.fields
        if name in fields:
            return name
        return next((one for one in fields if folded(one) == folded(name)), name)


def carrier_of(action: Action) -> str:
    """Return the tool of the gateway for a record."""
    return "update_context" if action.name == "context.write" else "get_context_data"


def controls_of(snapshot: Snapshot, action: Action) -> tuple[Argument, ...]:
    """Return the arguments of an action's tool beside its params.

    Facts are among them where a rule about the action reads some.
    """
    carrier, names = BY_NAME["run_action"], CONTROLS[action.source]
    if action.source is ActionSource.EVENT:
        carrier = BY_NAME["trigger_event"]
    elif action.source is ActionSource.BUILT_IN:
        carrier = BY_NAME[carrier_of(action)]
    elif takes_facts(snapshot, action):
        names = (*names, "facts")
    found = (carrier.argument(name) for name in names if name not in action.params.fields)
    return tuple(argument for argument in found if argument is not None)


def takes_facts(snapshot: Snapshot, action: Action) -> bool:
    """Say whether a rule about an action reads what only its caller can know."""
    table = table_of(snapshot, action)
    return bool(table.facts) or any(path.partition(".")[0] == "session" for path in reads(table))
