"""Answers: one object, `ok` first, without empty members; and the one shape of a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bylaw.base.plain import Plain

Answer = dict[str, Plain]

# The closed list of refusals; docs/errors.md has a section for each.
ERRORS = (
    "unknown",
    "bad-params",
    "which-instance",
    "runs-outside",
    "key-reused",
    "too-large",
    "denied",
    "needs-approval",
    "unauthenticated",
    "not-in-state",
    "guard",
    "stale",
    "outcome-unknown",
    "rate-limited",
    "unavailable",
    "internal",
)


def is_empty(value: Plain) -> bool:
    """Say whether a member says nothing; false and 0 do say something."""
    return value is None or value in ("", [], {}, ())


def answer(summary: str, **members: Plain) -> Answer:
    """Return a good answer, without its empty members."""
    kept = {name: value for name, value in members.items() if not is_empty(value)}
    return {"ok": True, "summary": summary, **kept}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An expected "no". `members` are those of the one refusal (`because`, `next`, …)."""

    error: str
    summary: str
    members: Mapping[str, Plain] = field(default_factory=dict)

    def answer(self) -> Answer:
        """Return the refusal as faces send it, without its empty members."""
        kept = {name: value for name, value in self.members.items() if not is_empty(value)}
        return {"ok": False, "error": self.error, "summary": self.summary, **kept}


def refusal(error: str, summary: str, **members: Plain) -> Refusal:
    """Return a refusal with these members."""
    return Refusal(error=error, summary=summary, members=members)


def call_of(tool: str, why: str, **arguments: Plain) -> dict[str, Plain]:
    """Return a complete call to copy, as `next` holds them."""
    kept = {name: value for name, value in arguments.items() if not is_empty(value)}
    return {"tool": tool, "arguments": kept, "why": why}
