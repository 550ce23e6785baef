"""What cases and flows of a test share: who may act in them, the time, and the names they use."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bylaw.base.names import did_you_mean
from bylaw.base.node import Node, Scalar
from bylaw.base.problem import Problem
from bylaw.compile.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """The names and the time of a test; mistakes go to `problems`."""

    context: Context
    actors: frozenset[str]
    now: datetime
    problems: list[Problem]

    def at(self, node: Node | None) -> "Staging":
        """Return the same at another time, where one is said."""
        if not isinstance(node, Scalar):
            return self
        try:
            now = datetime.fromisoformat(str(node.value)).astimezone(UTC)
        except ValueError:
            message = f"there is no moment `{node.value}`"
            self.problems.append(Problem(node.place, "type", message, "look at month and day"))
            return self
        return replace(self, now=now)

    def actor(self, node: Node | None) -> None:
        """Look whether an actor is there."""
        self.known(node, self.actors, "an actor", hint="add it to `actors`")

    def action(self, node: Node | None) -> None:
        """Look whether an action is there."""
        self.known(node, self.context.actions, "an action")

    def known(self, node: Node | None, names: Iterable[str], noun: str, *, hint: str = "") -> None:
        """Look whether a name is one of these."""
        names = frozenset(names)
        if isinstance(node, Scalar) and node.value not in names:
            word = str(node.value)
            message = f"`{word}` is not {noun}"
            hint = did_you_mean(word, names) or hint
            self.problems.append(Problem(node.place, "unknown-ref", message, hint))
