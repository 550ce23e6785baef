"""Words of the command line as the arguments of a tool; mistakes are those of usage."""

import argparse
import json

from bylaw.base.plain import Plain
from bylaw.services.fitting import of_kind, read_json
from bylaw.services.tools import WORDS, Argument, Kind, Tool


class Usage(Exception):
    """The command line does not say what it should; the message says what to type."""


def arguments_of(chosen: argparse.Namespace, tool: Tool) -> dict[str, Plain]:
    """Return the arguments that were given, each in its kind.

    Raises:
        Usage: a value is not of its kind, or something was given twice.
    """
    return {
        argument.name: given(chosen, argument)
        for argument in tool.arguments
        if is_given(chosen, argument)
    }


def is_given(chosen: argparse.Namespace, argument: Argument) -> bool:
    """Say whether an argument stands on the command line, as a whole or as single pairs."""
    names = (argument.name, argument.name.removesuffix("s"))
    return any(getattr(chosen, name, None) is not None for name in names)


def given(chosen: argparse.Namespace, argument: Argument) -> Plain:
    """Return one argument that was given."""
    if argument.kind is Kind.OBJECT:
        pairs = getattr(chosen, argument.name.removesuffix("s"))
        return record_of(argument, getattr(chosen, argument.name), pairs or [])
    word: str = getattr(chosen, argument.name)
    if argument.kind is Kind.TEXT:
        return word
    if argument.kind is Kind.ANY:
        return loose(word)
    value = of_kind(argument.kind, word)
    if value is None:
        raise Usage(f"`--{flag(argument)} {word}` must be {WORDS[argument.kind]}")
    return value


def record_of(argument: Argument, text: str | None, pairs: list[str]) -> Plain:
    """Return an object from its JSON text and its single pairs."""
    record = read_record(argument, text) if text is not None else {}
    for pair in pairs:
        name, parted, value = pair.partition("=")
        if not parted or not name:
            raise Usage(f"`{pair}` must be name=value")
        if name in record:
            raise Usage(f"`{name}` is given twice")
        record[name] = loose(value)
    return record


def read_record(argument: Argument, text: str) -> dict[str, Plain]:
    """Return the object that an option's JSON text says."""
    try:
        record = read_json(text)
    except ValueError as error:
        raise Usage(f"`--{flag(argument)}` is not JSON: {error}") from error
    if not isinstance(record, dict):
        raise Usage(f"`--{flag(argument)}` must be a JSON object")
    return record


def loose(text: str) -> Plain:
    """Return what a text says as JSON, else the text."""
    try:
        return read_json(text)
    except ValueError:
        return text


def flag(argument: Argument) -> str:
    """Return an argument's name as an option has it."""
    return argument.name.replace("_", "-")


def words_of(name: str, record: Plain) -> list[str]:
    """Return an object as the options that give it again: `--param branch=main`."""
    if not isinstance(record, dict) or not all(is_pair(key) for key in record):
        return [f"--{name}s", json.dumps(record, ensure_ascii=False)]
    single = f"--{name}"
    return [w for key, value in record.items() for w in (single, f"{key}={said(value)}")]


def is_pair(key: str) -> bool:
    """Say whether a name can stand before `=`."""
    return bool(key) and "=" not in key


def said(value: Plain) -> str:
    """Return the shortest text that reads as the value again."""
    if isinstance(value, str) and loose(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)
