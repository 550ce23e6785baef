"""The eight gateway tools: their names, what they say of themselves, and their arguments.

Every face is made from this list; what the tools do is in `gateway.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bylaw.base.plain import Plain

# Larger whole numbers are not exact in every client, and do not fit every database.
LARGEST = 2**53 - 1

OUTPUT_SCHEMA: dict[str, Plain] = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
}


class Kind(StrEnum):
    """What an argument holds, in the words of JSON Schema; `any` is every JSON value."""

    TEXT = "string"
    OBJECT = "object"
    WHOLE = "integer"
    NUMBER = "number"
    FLAG = "boolean"
    ANY = "any"


# What a mistake calls the kinds.
WORDS: Mapping[Kind, str] = {
    Kind.TEXT: "a text",
    Kind.OBJECT: "an object",
    Kind.WHOLE: "a whole number",
    Kind.NUMBER: "a number",
    Kind.FLAG: "true or false",
    Kind.ANY: "a value",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a tool. `most` is the largest number, or the longest text."""

    name: str
    kind: Kind
    about: str = ""
    required: bool = False
    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()

    def schema(self) -> dict[str, Plain]:
        """Return the JSON Schema of the argument."""
        schema: dict[str, Plain] = {} if self.kind is Kind.ANY else {"type": self.kind.value}
        bounds = {"enum": list(self.choices), "minimum": self.least, "description": self.about}
        if self.kind in (Kind.WHOLE, Kind.NUMBER) and self.most != LARGEST:
            bounds["maximum"] = self.most
        return schema | {
            key: value for key, value in bounds.items() if value not in (None, [], "")
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool. `subject` is the argument that names the action or event that is called."""

    name: str
    title: str
    description: str
    arguments: tuple[Argument, ...]
    read_only: bool = True
    destructive: bool = False
    idempotent: bool = True
    subject: str | None = None
    by_name: Mapping[str, Argument] = field(init=False, compare=False, repr=False)
    needed: frozenset[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Sort the arguments once: every call looks them up."""
        by_name = {argument.name: argument for argument in self.arguments}
        object.__setattr__(self, "by_name", by_name)
        object.__setattr__(self, "needed", frozenset(self.required))

    def argument(self, name: str) -> Argument | None:
        """Return the argument of this very name, or nothing."""
        return self.by_name.get(name)

    @property
    def taking(self) -> str:
        """Return the sentence that names the arguments; `?` marks what may be left out."""
        named = (f"{one.name}{'' if one.required else '?'}" for one in self.arguments)
        return f"`{self.name}` takes: {', '.join(named)}."

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the arguments in order."""
        return tuple(argument.name for argument in self.arguments)

    @property
    def required(self) -> tuple[str, ...]:
        """Return the names of the arguments that must be sent."""
        return tuple(argument.name for argument in self.arguments if argument.required)

    def schema(self) -> dict[str, Plain]:
        """Return the JSON Schema of all arguments."""
        schema: dict[str, Plain] = {
            "type": "object",
            "properties": {argument.name: argument.schema() for argument in self.arguments},
            "additionalProperties": False,
        }
        return {**schema, "required": list(self.required)} if self.required else schema

    def annotations(self) -> dict[str, bool]:
        """Return the hints that clients show to people before they let a call through."""
        return {
            "readOnlyHint": self.read_only,
            "destructiveHint": self.destructive,
            "idempotentHint": self.idempotent,
            "openWorldHint": False,
        }


def text(name: str, about: str = "", *, most: int = 1_000, required: bool = False) -> Argument:
    """Return a text argument of at most so many characters."""
    return Argument(name=name, kind=Kind.TEXT, about=about, most=most, required=required)


FACTS = Argument(
    name="facts",
    kind=Kind.OBJECT,
    about=(
        'What rules ask for and the server cannot know, such as {"session": {"mode": "plan"}}; '
        "get_policy lists it."
    ),
)
PARAMS = Argument(name="params", kind=Kind.OBJECT, about="The action's own params.")
ACTION = text("action", "Full name from get_available_actions.", most=200, required=True)
INSTANCE = text("instance", "Such as `code-review:acme/web@feature/x`; for workflow actions.")
CURSOR = text("cursor", "From the answer before, for the next page.", most=4_000)
EXPLAIN = Argument(name="explain", kind=Kind.FLAG, about="Also what each consulted persona says.")
EXPECTED_VERSION = Argument(
    name="expected_version",
    kind=Kind.WHOLE,
    about="Refuse as `stale` if it changed since this version.",
    least=0,
    most=LARGEST,
)
IDEMPOTENCY_KEY = text(
    "idempotency_key", "Same key again: the first answer again, nothing done twice.", most=200
)

TOOLS: tuple[Tool, ...] = (
    Tool(
        name="get_available_actions",
        title="What may I do now?",
        description=(
            "Call this first. Lists what you may do now with run_action, what is blocked and how "
            "to unlock it, and your open workflow instances, most useful first; `cursor` has the "
            "rest. Signatures are short (`?`: may be left out); pass `action` for one action's "
            "full params and an example call."
        ),
        arguments=(
            FACTS,
            text("filter", "Words or a glob: `merge`, `code-review.*`, `tag:read-only`."),
            text("action", "Describe this one in full.", most=200),
            text("access", "As if only this access mode of yours held.", most=200),
            EXPLAIN,
            Argument(
                name="limit",
                kind=Kind.WHOLE,
                about="So many lines; without it a short page.",
                least=1,
                most=200,
            ),
            CURSOR,
        ),
    ),
    Tool(
        name="get_workflow_state",
        title="Where does it stand?",
        description=(
            "Where a workflow instance stands: state, data, version, and what is possible next "
            "and for whom. Without arguments: your open instances."
        ),
        arguments=(
            text("instance", "Such as `code-review:acme/web@feature/x`."),
            text("workflow", "All open instances of this workflow.", most=200),
            Argument(
                name="wait_s",
                kind=Kind.NUMBER,
                about="Wait so many seconds for a change; no need to poll.",
                least=0,
                most=25,
            ),
            Argument(
                name="since_version",
                kind=Kind.WHOLE,
                about="With wait_s: the version you already know.",
                least=0,
                most=LARGEST,
            ),
            Argument(name="history", kind=Kind.FLAG, about="Also what happened, newest first."),
            FACTS,
        ),
    ),
    Tool(
        name="get_policy",
        title="What do the rules say?",
        description=(
            "What a policy says, or every rule that could touch an action, with the facts it "
            "needs and their values as they are for you. Without arguments: the names of all "
            "policies and personas."
        ),
        arguments=(
            text("name", "A policy or a persona.", most=200),
            text("action", "Every rule that could touch this action.", most=200),
        ),
    ),
    Tool(
        name="get_context_data",
        title="Read shared records",
        description=(
            "Shared records of the team (tasks, roadmap, logs); an instance's own data is in "
            "get_workflow_state. Without arguments: the collections."
        ),
        arguments=(
            text("key", "A record `tasks/42` or a collection `tasks`.", most=500),
            text("query", "Only records that contain these words."),
            CURSOR,
        ),
    ),
    Tool(
        name="run_action",
        title="Do it",
        description=(
            "Does something; the rules are asked first. If it is refused, `because` says why and "
            "`next` holds calls that work instead: copy one. If it needs approval, the request is "
            "made for you; do not look for a way around it."
        ),
        arguments=(
            ACTION,
            PARAMS,
            INSTANCE,
            EXPECTED_VERSION,
            FACTS,
            text("reason", "Why, for the record.", most=2_000),
            IDEMPOTENCY_KEY,
        ),
        read_only=False,
        destructive=True,
        idempotent=False,
        subject="action",
    ),
    Tool(
        name="update_context",
        title="Write a shared record",
        description=(
            "Writes a shared record of the team. Merges fields by default; null removes a field."
        ),
        arguments=(
            text("key", "Such as `tasks/42`.", most=500, required=True),
            Argument(
                name="value", kind=Kind.ANY, about="Any JSON; an object to merge.", required=True
            ),
            Argument(
                name="mode",
                kind=Kind.TEXT,
                choices=("merge", "replace", "append"),
                about="append adds to a list.",
            ),
            EXPECTED_VERSION,
            IDEMPOTENCY_KEY,
        ),
        read_only=False,
        idempotent=False,
    ),
    Tool(
        name="trigger_event",
        title="Report what happened",
        description=(
            "Reports something that happened outside and that you know first hand, such as a "
            "finished test run. Each event says who may report it; workflows react to it."
        ),
        arguments=(
            text("event", "Such as `tests.finished`.", most=200, required=True),
            Argument(name="params", kind=Kind.OBJECT, about="The event's own params."),
            text("instance", "Only this instance; else all that the params fit."),
            text("id", "The sender's id: the same one again does nothing.", most=200),
        ),
        read_only=False,
        idempotent=False,
        subject="event",
    ),
    Tool(
        name="enforce",
        title="Would this be allowed?",
        description=(
            "Would this call be allowed, and if not, what instead? Nothing is done and nobody is "
            "asked. Takes what run_action takes."
        ),
        arguments=(
            ACTION,
            PARAMS,
            INSTANCE,
            FACTS,
            text("policy", "Ask only this policy.", most=200),
            EXPLAIN,
        ),
        subject="action",
    ),
)

BY_NAME: Mapping[str, Tool] = {tool.name: tool for tool in TOOLS}
