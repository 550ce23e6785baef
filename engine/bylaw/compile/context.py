"""What every document may know of the rest of the house while it is compiled.

Made in a first pass over all documents, before any body is compiled; holds names, never bodies.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bylaw.base.plain import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAction:
    """An action as other documents see it. `params` is None where any name may be sent."""

    name: str
    tags: frozenset[str]
    params: frozenset[str] | None
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The names of the house.

    `actions` has every action of the catalogue, those of workflows (`code-review.submit`,
    `code-review.start`) and events (`event.git.pushed`) included; `events` the events by their
    own names with the names of their params. `vars` are the house's, a scope's own over them.
    `digest` is equal for equal names: with a document's digest it is the key of a cache.
    """

    roles: frozenset[str]
    actors: frozenset[str]
    actions: Mapping[str, KnownAction]
    events: Mapping[str, frozenset[str]]
    workflows: frozenset[str]
    vars: Mapping[str, Plain]
    secrets: frozenset[str]
    hosts: tuple[str, ...]
    digest: str
