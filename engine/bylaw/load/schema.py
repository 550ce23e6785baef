"""The schemas of the kinds, and the check of a document against the one of its kind."""

import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from bylaw.base.names import did_you_mean
from bylaw.base.node import Mapping, Scalar, plain
from bylaw.base.plain import Plain, Record
from bylaw.base.problem import Problem
from bylaw.load.check import Check, SchemaCompiler
from bylaw.load.trap import shown
from bylaw.load.wording import not_yet

KINDS = ("workflow", "policy", "persona", "access", "action", "event", "server", "test")
# Known by name; they have no schema yet.
LATER_KINDS = ("profile", "alert")
SHARED = "shared.json"


def schema_folder() -> Path:
    """Return where the schemas are: inside the wheel, or in the repository."""
    shipped = Path(str(resources.files("bylaw"))) / "shipped" / "schemas"
    return shipped if shipped.is_dir() else Path(__file__).parents[3] / "schemas"


@cache
def _read(name: str) -> dict[str, Any]:
    text = (schema_folder() / name).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def schema_of(kind: str) -> dict[str, Plain]:
    """Return the JSON Schema of a kind; its references lead to `shared_schema`."""
    return _read(f"{kind}.schema.json")


def shared_schema() -> dict[str, Plain]:
    """Return what the schemas of all kinds share."""
    return _read(SHARED)


def referenced(reference: str, *, kind: str) -> Record:
    """Return the schema behind a `$ref` in the schema of a kind, or in the shared one."""
    name = reference.rpartition("/")[2]
    own: Record = schema_of(kind).get("$defs", {})
    found: Record = own[name] if name in own else shared_schema()["$defs"][name]
    return found


def check_document(root: Mapping) -> tuple[Problem, ...]:
    """Return what is wrong with a document, measured by the schema of its kind."""
    wrong = _wrong_kind(root)
    if wrong is not None:
        return (wrong,)
    problems: list[Problem] = []
    _check_of(plain(root.index["kind"]))(root, "the document", problems)
    return tuple(problems)


@cache
def _check_of(kind: str) -> Check:
    def resolve(reference: str) -> Record:
        return referenced(reference, kind=kind)

    return SchemaCompiler(resolve).compile(schema_of(kind))


def _wrong_kind(root: Mapping) -> Problem | None:
    """Say why no schema can be chosen."""
    node = root.get("kind")
    if node is None:
        hint = f"add `kind: {_likely_kind(root)}`"
        return Problem(root.place, "missing-key", "this document has no `kind`", hint)
    word = node.value if isinstance(node, Scalar) else None
    if word in LATER_KINDS or (word in KINDS and schema_of(str(word)).get("x-not-yet")):
        return not_yet(root.key("kind"), str(word))
    if word in KINDS:
        return None
    hint = did_you_mean(str(word), KINDS) if isinstance(word, str) else ""
    message = f"{shown(str(word))} is not a kind" if word is not None else "`kind` names no kind"
    return Problem(node.place, "unknown-kind", message, hint or f"kinds are: {', '.join(KINDS)}")


def _likely_kind(root: Mapping) -> str:
    """Return the kind whose schema has most of a document's keys."""
    keys = set(root.index)
    return max(KINDS, key=lambda kind: len(keys & schema_of(kind)["properties"].keys()))
