"""Answers as a person reads them: the sentence, why, what next, then the rest."""

import shlex
from collections.abc import Iterator, Mapping

from bylaw.base.plain import Plain
from bylaw.faces.cli.argument import flag, said, words_of
from bylaw.faces.cli.verb import BY_TOOL, WRITE_CONTEXT
from bylaw.services.answer import Answer
from bylaw.services.tools import BY_NAME, Argument, Kind

# Shown in a place of their own, or of no use to a person.
APART = frozenset({"ok", "error", "summary", "because", "next", "timestamp"})


def shown(answer: Answer) -> str:
    """Return the whole answer as text; nothing in it can steer a terminal."""
    return "\n".join(harmless(line) for line in lines(answer))


def lines(answer: Answer) -> Iterator[str]:
    """Yield the lines of an answer."""
    summary = answer.get("summary", "")
    yield summary if answer.get("ok") else f"{answer.get('error', 'refused')}: {summary}"
    for one in records(answer, "because"):
        yield from because(one)
    rest = {name: value for name, value in answer.items() if name not in APART}
    yield from nested(rest, "")
    yield from following(answer, "")


def following(answer: Mapping[str, Plain], indent: str) -> Iterator[str]:
    """Yield what can be done next, to copy."""
    calls = records(answer, "next")
    if calls:
        yield f"{indent}next:"
    for call in calls:
        why = f"   # {call['why']}" if call.get("why") else ""
        yield f"{indent}  {command(call)}{why}"


def records(answer: Mapping[str, Plain], name: str) -> list[Mapping[str, Plain]]:
    """Return the records in a member of an answer."""
    return [one for one in answer.get(name) or () if isinstance(one, dict)]


def because(one: Mapping[str, Plain]) -> Iterator[str]:
    """Yield why: where the rule stands, what it says, and what it saw."""
    head = (one.get(name) for name in ("at", "rule", "effect", "message"))
    yield "  " + "  ".join(str(word) for word in head if word)
    rest = {k: v for k, v in one.items() if k not in ("at", "rule", "effect", "message")}
    yield from nested(rest, "    ")


def nested(value: Mapping[str, Plain], indent: str) -> Iterator[str]:
    """Yield a record, a member a line, what is larger below it."""
    for name, one in value.items():
        if isinstance(one, dict) and one:
            yield f"{indent}{name}:"
            yield from nested(one, f"{indent}  ")
        elif isinstance(one, list) and any(isinstance(item, dict) for item in one):
            yield f"{indent}{name}:"
            for item in one:
                yield from entry(item, f"{indent}  ")
        else:
            yield f"{indent}{name}: {flat(one)}"


def entry(item: Plain, indent: str) -> Iterator[str]:
    """Yield one of several on a line, with why and what next below it."""
    if not isinstance(item, dict):
        yield f"{indent}- {flat(item)}"
        return
    below = {name: records(item, name) for name in ("because", "next")}
    yield f"{indent}- {flat({name: one for name, one in item.items() if not below.get(name)})}"
    for one in below["because"]:
        yield from (f"{indent}  {line}" for line in because(one))
    yield from following(item, f"{indent}    ")


def flat(value: Plain) -> str:
    """Return a value on one line."""
    if value in ("", []):
        return '""' if value == "" else "[]"
    if isinstance(value, dict):
        return "  ".join(f"{name}: {flat(one)}" for name, one in value.items())
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return value if isinstance(value, str) else said(value)


def command(call: Mapping[str, Plain]) -> str:
    """Return a next call as this command line has it, to copy."""
    if call.get("command"):
        return f"$ {call['command']}"
    if "tool" not in call:
        return str(call.get("say", ""))
    name = str(call.get("tool"))
    tool, verb = (
        BY_NAME.get(name),
        BY_TOOL.get("get_context_data" if name == WRITE_CONTEXT else name),
    )
    arguments = dict(call.get("arguments") or {})
    if tool is None or verb is None:
        return f"{name} {said(arguments)}"
    first = arguments.pop(verb.first, None) if verb.first else None
    words = ["bylaw", verb.name, *([str(first)] if first is not None else [])]
    for argument in tool.arguments:
        if argument.name in arguments:
            words += option(argument, arguments[argument.name])
    return shlex.join(words)


def option(argument: Argument, value: Plain) -> list[str]:
    """Return an argument as the words that give it."""
    if argument.kind is Kind.FLAG:
        return [f"--{flag(argument)}"] if value else []
    if argument.kind is Kind.OBJECT:
        return words_of(argument.name.removesuffix("s"), value)
    return [f"--{flag(argument)}", said(value)]


def harmless(line: str) -> str:
    """Return a line without control characters: what a server sends must not move a cursor."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
