"""Fills `${NAME}` and `${NAME:-default}` from the environment; `$${` stays a literal `${`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

VARIABLE = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Missing:
    """A variable that is not set and has no default."""

    name: str


def substitute(text: str, environ: Mapping[str, str]) -> str | Missing:
    """Return the text with variables filled in, or the first one that is missing.

    A variable that is set to nothing takes the default, as in a shell. What is filled in is
    not read again.
    """
    filled: list[str] = []
    end = 0
    for found in VARIABLE.finditer(text):
        value = _value(found, environ)
        if value is None:
            return Missing(found["name"])
        filled += [text[end : found.start()], value]
        end = found.end()
    return "".join([*filled, text[end:]])


def _value(found: re.Match[str], environ: Mapping[str, str]) -> str | None:
    if found["name"] is None:
        return "${"
    value = environ.get(found["name"])
    return value or found["default"] if found["default"] is not None else value
