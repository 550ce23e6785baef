"""What is wrong with a document's content, in the author's words: every message of the schemas."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Table

from bylaw.base.names import did_you_mean, nearest
from bylaw.base.node import Node, Scalar, plain
from bylaw.base.plain import Plain, canonical, name_of_type
from bylaw.base.problem import Problem
from bylaw.load.trap import shown

TYPES = {
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
# What other tools call the same thing, and what authors write from memory.
OTHER_WORDS: Table[str, tuple[str, ...]] = {
    "guard": ("when",),
    "if": ("when",),
    "cond": ("when",),
    "condition": ("when",),
    "except": ("unless",),
    "transitions": ("actions", "events"),
    "on": ("events", "actions"),
    "triggers": ("events", "actions"),
    "target": ("to",),
    "goto": ("to",),
    "next": ("to",),
    "assign": ("set",),
    "update": ("set",),
    "context": ("data",),
    "input": ("inputs", "params"),
    "parameters": ("params", "inputs"),
    "args": ("params", "with"),
    "entry": ("enter",),
    "on_entry": ("enter",),
    "on_enter": ("enter",),
    "on_exit": ("exit",),
    "leave": ("exit",),
    "invoke": ("run",),
    "uses": ("action",),
    "call": ("action", "run"),
    "on_done": ("done",),
    "on_error": ("failed",),
    "error": ("failed",),
    "otherwise": ("default",),
    "delay": ("after",),
    "timers": ("after", "every"),
    "start_state": ("initial",),
    "id": ("name",),
    "key": ("name",),
    "desc": ("description",),
    "summary": ("description",),
    "reason": ("message",),
    "msg": ("message",),
    "text": ("message",),
    "alternative": ("instead",),
    "suggest": ("instead",),
    "roles": ("who",),
    "role": ("who",),
    "actors": ("who",),
    "principal": ("who",),
    "principals": ("who",),
    "subject": ("who",),
    "allowed": ("allow",),
    "permissions": ("allow",),
    "grant": ("allow",),
    "deny": ("except", "effect"),
    "action": ("actions",),
    "resources": ("resource",),
    "verdict": ("effect", "vote"),
    "decision": ("effect",),
    "then": ("effect", "do"),
    "type": ("kind",),
    "database": ("store",),
    "users": ("actors",),
    "env": ("vars",),
    "variables": ("vars",),
    "ttl": ("expires",),
    "method": ("http",),
    "url": ("http",),
}


# What authors write for a value that is called otherwise here.
OTHER_VALUES: Table[str, str] = {
    "block": "deny",
    "forbid": "deny",
    "reject": "deny",
    "permit": "allow",
    "approve": "ask",
    "modify": "transform",
    "log": "warn",
    "person": "human",
    "user": "human",
    "bot": "agent",
    "dry-run": "shadow",
}
# How messages call a JSON Schema, by its title in the schemas.
FIELD = "field"
# Keywords of JSON Schema that a field does not take, and what to write instead.
KEYWORDS: Table[str, str] = {
    "$ref": "write the schema out where it is used",
    "$defs": "write the schema out where it is used",
    "definitions": "write the schema out where it is used",
    "if": "write a `when` of the action or a rule",
    "then": "write a `when` of the action or a rule",
    "else": "write a `when` of the action or a rule",
    "dependentRequired": "write a `when` of the action or a rule",
    "nullable": "write `type: [string, 'null']`",
}
BOOLEANS: Table[str, str] = {
    "true": "true",
    "yes": "true",
    "on": "true",
    "false": "false",
    "no": "false",
    "off": "false",
}


def wrong_type(node: Node, label: str, *, wanted: Iterable[str], hint: str) -> Problem:
    """Say that a value is of another kind than the key wants."""
    value = plain(node)
    wants = " or ".join(dict.fromkeys(wanted))
    if value is None:
        return Problem(node.place, "type", f"{label} has no value; it wants {wants}", hint)
    message = f"{label} is {name_of_type(value)}; it wants {wants}"
    return Problem(node.place, "type", message, hint)


def meant_keys(word: str, keys: Iterable[str]) -> tuple[str, ...]:
    """Return the keys that an unknown one may have been meant to be."""
    known = frozenset(keys)
    others = {name for name, meant in OTHER_WORDS.items() if known.intersection(meant)}
    if word.lower() in others:
        return _translated(word.lower(), known)
    near = nearest(word, known | others, limit=1)
    return near if not near or near[0] in known else _translated(near[0], known)


def _translated(word: str, known: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in OTHER_WORDS[word] if name in known)


def unknown_key(key: Scalar, noun: str, *, keys: Sequence[str], meant: Sequence[str]) -> Problem:
    """Say that a mapping has no such key, and which one may have been meant."""
    message = f"{shown(str(key.value))} is not a key of {article(noun)}"
    named = " or ".join(f"`{name}`" for name in meant)
    hint = f"did you mean {named}?" if meant else f"its keys are: {', '.join(keys)}"
    if noun == FIELD:
        hint = KEYWORDS.get(str(key.value), hint)
    return Problem(key.place, "unknown-key", message, hint)


def missing_key(node: Node, name: str, *, noun: str, example: str) -> Problem:
    """Say that a mapping lacks a key."""
    message = f"this {noun} has no `{name}`"
    return Problem(node.place, "missing-key", message, f"add `{name}: {example}`")


def not_yet(key: Scalar, value: str = "") -> Problem:
    """Say that a key, or one value of it, is known and not built."""
    word = f"{key.value}: {value}" if value else str(key.value)
    return Problem(key.place, "not-yet", f"`{word}` comes later", "leave it out for now")


def wrong_value(node: Node, label: str, *, allowed: Sequence[Plain]) -> Problem:
    """Say that a value is not one of those that are allowed."""
    value = plain(node)
    listed = ", ".join(f"`{_written(item)}`" for item in allowed)
    word = shown(_written(value))
    if len(allowed) == 1:
        return Problem(
            node.place, "value", f"{label} is {word}; it wants {listed}", f"write {listed}"
        )
    other = OTHER_VALUES.get(str(value).lower())
    near = did_you_mean(str(value), [str(item) for item in allowed])
    near = f"did you mean `{other}`?" if other in allowed else near
    message = f"{label} is {word}; it wants one of {listed}"
    return Problem(node.place, "value", message, near)


def wrong_text(node: Node, label: str, *, expects: str) -> Problem:
    """Say that a text does not have the form that the key wants."""
    message = f"{label} is {shown(str(plain(node)))}; it wants {expects}"
    return Problem(node.place, "value", message)


def wrong_name(key: Scalar, label: str, *, expects: str) -> Problem:
    """Say that a name that the author chose does not have the form of such names."""
    message = f"{shown(str(key.value))} stands under {label}, which wants {expects}"
    return Problem(key.place, "value", message, _tidied(str(key.value), expects))


def _tidied(name: str, expects: str) -> str:
    if not expects.startswith("a name of lower-case"):
        return ""
    joint = "-" if "`-`" in expects else "_"
    tidy = joint.join(name.replace("-", " ").replace("_", " ").lower().split())
    is_name = tidy.replace(joint, "").isalnum() and tidy[0].isalpha()
    return f"write `{tidy}`" if is_name and tidy != name else ""


def out_of_bounds(node: Node, label: str, *, bound: str) -> Problem:
    """Say that a number is beyond its bounds."""
    message = f"{label} is {_written(plain(node))}; it wants a number of {bound}"
    return Problem(node.place, "value", message)


def wrong_size(node: Node, label: str, *, says: str) -> Problem:
    """Say that a text, list or mapping is empty or too long."""
    hint = "fill it, or remove the key" if says == "is empty" else "make it shorter"
    return Problem(node.place, "value", f"{label} {says}", hint)


def repeated(node: Node, label: str) -> Problem:
    """Say that an item is in a list twice."""
    message = f"{shown(_written(plain(node)))} is in {label} a second time"
    return Problem(node.place, "value", message, "remove one of them")


def article(noun: str) -> str:
    """Return a noun with its article; what stands in the plural has none."""
    if noun.endswith("s"):
        return f"`{noun}`"
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _written(value: Plain) -> str:
    return value if isinstance(value, str) else canonical(value)
