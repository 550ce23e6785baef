"""What an expression may name at the place where it stands; nothing is evaluated here."""

import keyword
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias

from bylaw.base.plain import Plain
from bylaw.expr.functions import ALIASES, FUNCTIONS, LATER_FUNCTIONS
from bylaw.model.condition import Condition


class Edge(Enum):
    """Where knowledge about fields ends: nothing stands below, in a list items do, or anything."""

    OPEN = "open"
    LEAF = "leaf"
    LIST = "list"


OPEN = Edge.OPEN
LEAF = Edge.LEAF
LIST = Edge.LIST

# What may stand below a name. A mapping is a closed record: other fields are mistakes.
Known: TypeAlias = Edge | Mapping[str, "Known"]

WORDS: Mapping[str, Plain] = MappingProxyType(
    {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}
)
LATER_ROOTS = frozenset({"command"})

BASE_ROOTS: Mapping[str, Known] = MappingProxyType(
    {
        "actor": {
            **dict.fromkeys(("id", "kind", "works_for"), LEAF),
            "roles": LIST,
            "access": LIST,
        },
        "action": {"name": LEAF, "tags": LIST},
        "params": OPEN,
        "resource": OPEN,
        "session": OPEN,
        "workflow": {
            **dict.fromkeys(("name", "id", "key", "state", "states", "version"), LEAF),
            "data": OPEN,
        },
        "scope": LEAF,
        "now": LEAF,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What may be named: roots and what stands below them, literals, parts of conditions.

    `vars` are folded into the compiled code; naming a condition puts its text in its place.
    `states` are the ids that `in_state` knows; without them it is not allowed.
    """

    roots: Mapping[str, Known]
    vars: Mapping[str, Plain]
    conditions: Mapping[str, Condition]
    states: frozenset[str] | None

    def with_roots(self, more: Mapping[str, Known]) -> "Names":
        """Return the names with more roots, or with other things below them."""
        return replace(self, roots={**self.roots, **more})

    def with_vars(self, more: Mapping[str, Plain]) -> "Names":
        """Return the names with more literals; the new ones win."""
        return replace(self, vars={**self.vars, **more})

    def with_conditions(self, more: Mapping[str, Condition]) -> "Names":
        """Return the names with more parts of conditions."""
        return replace(self, conditions={**self.conditions, **more})

    def all(self) -> frozenset[str]:
        """Return every bare name that may be read."""
        return frozenset({*self.roots, *self.vars, *self.conditions, "true", "false", "null"})


def taken_names() -> dict[str, str]:
    """Return the names that nothing of an author may have, and what each of them is."""
    taken = dict.fromkeys((*keyword.kwlist, *WORDS), "a word of the language")
    taken |= dict.fromkeys((*FUNCTIONS, *ALIASES, *LATER_FUNCTIONS), "a function")
    return taken | dict.fromkeys((*BASE_ROOTS, *LATER_ROOTS), "a root of every expression")
