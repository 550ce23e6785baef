"""The forgiving front door: what callers plausibly send becomes what the tools take.

Forms are repaired, each repair is said. Never guessed: a value, an action, a dropped argument.
Pure; whether the arguments make sense for the action is decided behind it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from bylaw.base.names import folded, nearest
from bylaw.base.plain import Plain
from bylaw.services.fitting import LONGEST_NAME, Mistake, as_record, fitted, is_plain, unfit
from bylaw.services.tools import WORDS, Argument, Kind, Tool

# Stands for an argument that was not sent; null may be a value.
ABSENT = object()

# The names of the params of an action or of `event.<name>`; None if the caller may not know it.
ParamsOf = Callable[[str], frozenset[str] | None]

# Names that callers use for a whole set of arguments, or for the params.
WRAPPERS = frozenset({"args", "arguments", "input", "inputs", "parameters", "kwargs", "params"})

# What callers call our arguments, by the argument that it is taken for.
NEAR: Mapping[str, tuple[str, ...]] = {
    "action": ("name", "action_name", "action_id", "tool", "tool_name"),
    "event": ("name", "event_name", "event_type", "type"),
    "params": (
        *("args", "arguments", "input", "inputs", "parameters", "param", "kwargs"),
        *("payload", "data", "action_params", "event_params", "action_input"),
    ),
    "instance": (
        *("workflow", "workflow_instance", "instance_id", "workflow_id", "workflow_key"),
        *("instance_name", "instance_key", "workflow_instance_id"),
    ),
    "facts": ("context", "ctx", "fact", "known_facts"),
    "key": ("path", "name", "record", "context_key", "record_key"),
    "value": ("data", "content", "patch", "payload", "body"),
    "query": ("filter", "search", "q", "text", "contains"),
    "filter": ("query", "search", "q", "text", "contains"),
    "name": ("policy", "policy_name", "policy_id"),
    "policy": ("policy_name", "policy_id", "only_policy"),
    "access": ("access_mode",),
    "limit": ("max", "count", "top", "page_size", "max_results"),
    "cursor": ("next_cursor", "page_token"),
    "explain": ("verbose", "explanation", "details"),
    "reason": ("why", "justification", "rationale"),
    "expected_version": ("version", "if_version", "if_match"),
    "idempotency_key": ("idempotence_key", "idempotency", "idempotency_token"),
    "wait_s": ("wait", "timeout", "timeout_s", "wait_seconds"),
    "since_version": ("since", "after_version"),
    "history": ("include_history", "with_history"),
    "id": ("event_id", "delivery_id"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Arguments as the tool takes them, each of the right kind, and what was repaired."""

    arguments: Mapping[str, Plain]
    repaired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistaken:
    """Arguments that cannot be read; `error` is `bad-params` or `too-large`.

    `subject` is the action that was meant (`event.<name>` for an event), as far as it was read.
    """

    mistakes: tuple[Mistake, ...]
    error: str = "bad-params"
    subject: str | None = None


def open_door(tool: Tool, raw: Mapping[str, Plain], params_of: ParamsOf) -> Opened | Mistaken:
    """Read the arguments of a call to `tool` as they came from a client."""
    unreadable = unfit(raw)
    if unreadable is not None:
        return Mistaken(mistakes=(unreadable,), error=unreadable.error)
    if tool.by_name.keys() >= raw.keys():
        plain = as_sent(tool, raw, params_of)
        if plain is not None:
            return plain
    return read_with_care(tool, raw, params_of)


def read_with_care(tool: Tool, raw: Mapping[str, Plain], params_of: ParamsOf) -> Opened | Mistaken:
    """Read arguments that can be stored, and repair their form."""
    reading = Reading(tool=tool, params_of=params_of)
    reading.take(unwrapped(tool, raw, repaired=reading.repaired))
    reading.gather()
    reading.fit()
    if reading.mistakes:
        return Mistaken(mistakes=tuple(reading.mistakes), subject=reading.action())
    return Opened(arguments=reading.taken, repaired=tuple(reading.repaired))


def as_sent(tool: Tool, raw: Mapping[str, Plain], params_of: ParamsOf) -> Opened | None:
    """Return arguments in which nothing is to be repaired, as most are; else nothing."""
    if not raw.keys() >= tool.needed:
        return None
    for name, value in raw.items():
        if not is_plain(tool.by_name[name], value):
            return None
    params, subject = raw.get("params"), raw.get(tool.subject or "")
    if params and not _has_all(params_of, tool, subject, params):
        return None
    return Opened(arguments=dict(raw))


def _has_all(params_of: ParamsOf, tool: Tool, subject: Plain, params: Mapping[str, Plain]) -> bool:
    """Say whether the action or event has a param of each of these very names."""
    if not isinstance(subject, str) or len(subject) > LONGEST_NAME:
        return False
    known = params_of(f"event.{subject}" if tool.subject == "event" else subject)
    return known is not None and known.issuperset(params)


def unwrapped(tool: Tool, raw: Mapping[str, Plain], *, repaired: list[str]) -> Mapping[str, Plain]:
    """Open one wrapper around all arguments, if there is one and nothing is lost by it."""
    if tool.subject in raw:
        return raw
    for key, value in raw.items():
        inside = as_record(value) if plainest(key) in WRAPPERS else None
        rest = {name: other for name, other in raw.items() if name != key}
        if inside is None or rest.keys() & inside.keys() or not is_wrapper(tool, inside, rest):
            continue
        repaired.append(f"`{key}` was opened: the arguments stand by themselves")
        return {**inside, **rest}
    return raw


def is_wrapper(tool: Tool, inside: Mapping[str, Plain], rest: Mapping[str, Plain]) -> bool:
    """Say whether what is inside are all arguments, and not just the params."""
    if tool.subject is None:
        return True
    heads = {plainest(name) for name in (tool.subject, *NEAR[tool.subject])}
    named = {plainest(name) for name in rest}, {plainest(name) for name in inside}
    return not heads & named[0] and bool(heads & named[1])


@lru_cache(maxsize=1024)
def plainest(name: str) -> str:
    """Return an argument's name as it compares: `-`, `_` and capitals do not count."""
    return folded(name).replace("-", "")


@dataclass(slots=True, kw_only=True)
class Reading:
    """The reading of one call: what was taken for which argument, and what is left over."""

    tool: Tool
    params_of: ParamsOf
    known: Mapping[str, str] | None = None
    taken: dict[str, Plain] = field(default_factory=dict)
    left: dict[str, Plain] = field(default_factory=dict)
    repaired: list[str] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def take(self, raw: Mapping[str, Plain]) -> None:
        """Take what bears an argument's name, then what bears a near one."""
        for key, value in raw.items():
            self.take_exact(key, value)
        self.take_subject()
        for key in list(self.left):
            self.take_near(key)

    def take_exact(self, key: str, value: Plain) -> None:
        """Take an argument under its own name, however it is spelled."""
        argument = self.tool.argument(key) or self.spelled(key)
        if argument is None or (argument.name != key and argument.name in self.taken):
            self.left[key] = value
            return
        if argument.name in self.taken:
            self.mistake(key, f"`{key}` came twice under two spellings", "send it once")
        self.taken[argument.name] = value
        if argument.name != key:
            self.repaired.append(f"`{key}` was taken as `{argument.name}`")

    def spelled(self, key: str) -> Argument | None:
        """Return the argument that has this name but for `-`, `_` and capitals."""
        alike = (a for a in self.tool.arguments if plainest(a.name) == plainest(key))
        return next(alike, None)

    def take_subject(self) -> None:
        """Take the action or event under a near name, since it says which params are known."""
        subject = self.tool.subject
        if subject is None or subject in self.taken:
            return
        near = [key for key in self.left if self.is_near(key, subject)]
        texts = [key for key in near if isinstance(self.left[key], str)]
        if len(texts) == 1:
            self.rename(texts[0], subject)

    def take_near(self, key: str) -> None:
        """Take an argument under a near name, unless the action has a param of that name."""
        if self.own_param(key) is not None:
            return
        free = [a.name for a in self.tool.arguments if a.name not in self.taken]
        near = [name for name in free if self.is_near(key, name)]
        if len(near) == 1:
            self.rename(key, near[0])

    @staticmethod
    def is_near(key: str, argument: str) -> bool:
        """Say whether callers use the one name for the other."""
        return plainest(key) in {plainest(name) for name in NEAR.get(argument, ())}

    def rename(self, key: str, argument: str) -> None:
        """Take what is left over under one name as the argument."""
        self.taken[argument] = self.left.pop(key)
        self.repaired.append(f"`{key}` was taken as `{argument}`")

    def known_params(self) -> Mapping[str, str]:
        """Return the params of what is called, by how their names compare."""
        if self.known is None:
            names = self.names_of_params() or ()
            self.known = {folded(name): name for name in names} | {name: name for name in names}
        return self.known

    def names_of_params(self) -> frozenset[str] | None:
        """Return the names of the params of what is called; nothing if it is not known."""
        action = self.action()
        return None if action is None else self.params_of(action)

    def action(self) -> str | None:
        """Return the name in the catalogue of what is called."""
        subject = self.tool.subject
        name = self.taken.get(subject) if subject else None
        if not isinstance(name, str) or len(name) > LONGEST_NAME:
            return None
        return f"event.{name}" if subject == "event" else name

    def own_param(self, key: str) -> str | None:
        """Return the param of the action that has this name; `-` and `_` are alike."""
        known = self.known_params()
        return known.get(key) or known.get(folded(key))

    def gather(self) -> None:
        """Put flat params where they belong; all that is left over must be one."""
        params = {} if self.is_blank("params") else as_record(self.taken["params"])
        if not self.left or params is None:
            return
        whole = dict(params)
        for key, value in self.left.items():
            self.put(whole, key, value)
        if not self.mistakes:
            self.taken["params"] = whole
            self.repaired.append(f"{listed(self.left)} {verb(self.left)} put into `params`")

    def put(self, params: dict[str, Plain], key: str, value: Plain) -> None:
        """Put one flat param into the params, unless it is none or stands there already."""
        name = self.own_param(key)
        if name is None and self.is_stranger():
            # Answered as unknown behind this door; which params it has must not show here.
            name = key
        if name is None:
            self.unknown(key)
        elif name in params:
            self.mistake(key, f"`{key}` came twice: `params` has it too", "send it once")
        else:
            params[name] = value

    def is_stranger(self) -> bool:
        """Say whether something is called that the caller does not know."""
        return self.action() is not None and self.names_of_params() is None

    def is_blank(self, name: str) -> bool:
        """Say whether an argument is absent, null or an empty text."""
        return self.taken.get(name) in (None, "")

    def unknown(self, key: str) -> None:
        """Note an argument that the tool does not have."""
        near = nearest(key, {*self.tool.names, *self.known_params().values()}, limit=1)
        hint = f"did you mean `{near[0]}`? " if near else ""
        if self.tool.subject:
            hint += f"What the {self.tool.subject} itself takes belongs in `params`. "
        message = f"`{key}` is not an argument of `{self.tool.name}`"
        self.mistake(key, message, f"{hint}It takes {listed(self.tool.names)}.")

    def mistake(self, key: str, message: str, hint: str = "") -> None:
        """Note a mistake about one argument."""
        self.mistakes.append(Mistake(argument=key, message=message, hint=hint))

    def fit(self) -> None:
        """Bring every argument to its kind and bounds; see that none is missing."""
        for argument in self.tool.arguments:
            self.fit_one(argument)
        if "params" in self.taken and not self.mistakes:
            self.taken["params"] = self.spelled_params(self.taken["params"])

    def fit_one(self, argument: Argument) -> None:
        """Bring one argument to its kind, or note what is wrong with it."""
        value = self.taken.get(argument.name, ABSENT)
        if value is ABSENT or (value is None and argument.kind is not Kind.ANY):
            self.leave_out(argument)
            return
        outcome = fitted(argument, value)
        if isinstance(outcome, Mistake):
            self.mistakes.append(outcome)
            return
        if outcome.repaired:
            self.repaired.append(outcome.repaired)
        if outcome.blank:
            self.leave_out(argument)
            return
        self.taken[argument.name] = outcome.value

    def leave_out(self, argument: Argument) -> None:
        """Go without an argument, or note that the tool cannot."""
        self.taken.pop(argument.name, None)
        if argument.required:
            self.mistakes.append(missing(argument))

    def spelled_params(self, params: Mapping[str, Plain]) -> dict[str, Plain]:
        """Return the params under the names that the action has for them."""
        exact = self.names_of_params()
        if exact is not None and exact.issuperset(params):
            return dict(params)
        names = {key: self.own_param(key) or key for key in params}
        if len(set(names.values())) < len(names):
            return dict(params)
        changed = {key: name for key, name in names.items() if key != name}
        self.repaired += [f"`{key}` was taken as `{name}`" for key, name in changed.items()]
        return {names[key]: value for key, value in params.items()}


def missing(argument: Argument) -> Mistake:
    """Return the mistake that a required argument was not sent."""
    return Mistake(
        argument=argument.name,
        message=f"`{argument.name}` is missing",
        hint=argument.about,
        missing=True,
        expected=WORDS[argument.kind],
    )


def listed(names: Mapping[str, object] | tuple[str, ...]) -> str:
    """Return names as a sentence lists them."""
    return ", ".join(f"`{name}`" for name in names)


def verb(names: Mapping[str, object]) -> str:
    """Return `was` or `were`."""
    return "was" if len(names) == 1 else "were"
