"""Secrets that stand written out in `bylaw.yaml`, where a `${NAME}` should: found and hidden.

A reference to the environment is no secret; its default is one, where it stands for a secret.
"""

import re
from collections.abc import Iterator, Mapping

from bylaw.base.plain import Plain, Record
from bylaw.load.environment import VARIABLE

HIDDEN = "(hidden)"
# The password of an address, wherever in the text the address stands.
PASSWORD = re.compile(r"(?P<before>://[^/@:\s]*:)(?P<password>[^\s]*)(?=@)")
QUERY = re.compile(r"(?P<before>[?&]password=)(?P<password>[^&\s}]+)")


def hide_secrets(kind: str, content: Record) -> tuple[Record, tuple[str, ...]]:
    """Return a document's content without its secrets, and where they stood: `secrets.KEY`.

    Only a `server` has any. Of content without its secrets the places are found again.
    """
    if kind != "server":
        return content, ()
    found: list[str] = []
    hidden = dict(_hidden_sections(content, found))
    return {**content, **hidden}, tuple(found)


def _hidden_sections(content: Record, found: list[str]) -> Iterator[tuple[str, Plain]]:
    secrets, actors, store = (content.get(name) for name in ("secrets", "actors", "store"))
    if isinstance(secrets, Mapping):
        yield (
            "secrets",
            {key: _hidden(f"secrets.{key}", one, found) for key, one in secrets.items()},
        )
    if isinstance(actors, Mapping):
        yield "actors", {key: _without_token(key, one, found) for key, one in actors.items()}
    if isinstance(store, Mapping) and isinstance(store.get("url"), str):
        yield "store", {**store, "url": _without_password(store["url"], found)}


def _without_token(name: str, actor: Plain, found: list[str]) -> Plain:
    if not isinstance(actor, Mapping) or "token" not in actor:
        return actor
    return {**actor, "token": _hidden(f"actors.{name}.token", actor["token"], found)}


def _hidden(path: str, value: Plain, found: list[str]) -> Plain:
    if not is_written_out(str(value) if value is not None else ""):
        return value
    found.append(path)
    return HIDDEN


def _without_password(url: str, found: list[str]) -> str:
    def masked(match: re.Match[str]) -> str:
        if not is_written_out(match["password"]):
            return match[0]
        found.append("store.url")
        return f"{match['before']}{HIDDEN}"

    return QUERY.sub(masked, PASSWORD.sub(masked, url))


def is_written_out(text: str) -> bool:
    """Say whether a text is a secret itself, and not where the environment has it."""
    references = [one for one in VARIABLE.finditer(text) if one["name"]]
    if not references:
        return bool(text)
    return any(one["default"] for one in references)
