"""Everything that can be done is an action of one catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bylaw.base.glob import name_matches, path_matches
from bylaw.base.place import Place
from bylaw.model.condition import Value
from bylaw.model.shape import NOTHING, Shape


class ActionSource(StrEnum):
    """Where an action comes from, which decides who carries it out."""

    BUILT_IN = "built-in"  # the engine itself: `context.write`
    WORKFLOW = "workflow"  # a step of an instance: `code-review.approve`
    START = "start"  # a new instance: `code-review.start`
    EVENT = "event"  # something that happened: `event.tests.finished`
    HTTP = "http"  # a call that the engine makes
    OUTSIDE = "outside"  # the caller does it; the engine decides and records


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """The `http` executor. Url, headers and body are values over `params` and `secrets`."""

    method: str
    url: Value
    headers: Mapping[str, Value]
    body: Value | None
    timeout_s: float
    retry: int
    place: Place

    def __hash__(self) -> int:
        """Hash by place."""
        return hash(self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action. `tags` include `read-only` and `destructive` where they hold."""

    name: str
    description: str
    source: ActionSource
    params: Shape = NOTHING
    result: Shape | None = None
    tags: frozenset[str] = frozenset()
    idempotent: bool = False
    resource: Value | None = None
    http: HttpCall | None = None
    workflow: str | None = None
    place: Place

    def __hash__(self) -> int:
        """Hash by name, which is unique in a snapshot."""
        return hash(self.name)

    @property
    def destructive(self) -> bool:
        """Say whether it is marked as not to be undone."""
        return "destructive" in self.tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that content makes: an action and its params (`do:`, `run:`)."""

    action: str
    name: str
    params: Mapping[str, Value]
    place: Place
    retry: int = 0
    timeout_s: float | None = None

    def __hash__(self) -> int:
        """Hash by place."""
        return hash(self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Which actions are meant: globs over names, `tag:x`, `context.write(tasks/**)`."""

    words: tuple[str, ...]
    place: Place

    def selects(self, name: str, tags: frozenset[str], resource: str | None = None) -> bool:
        """Say whether an action is meant; one word that selects it is enough.

        A word with a resource selects only a call whose resource is known and fits.
        """
        return any(_selects(word, name, tags, resource) for word in self.words)

    def could_select(self, name: str, tags: frozenset[str]) -> bool:
        """Say whether an action is meant for at least some resource."""
        return any(_selects(word.partition("(")[0], name, tags, None) for word in self.words)


def _selects(word: str, name: str, tags: frozenset[str], resource: str | None) -> bool:
    if word.startswith("tag:"):
        return word[4:] in tags
    glob, has_resource, path = word.partition("(")
    if not name_matches(name, glob):
        return False
    return not has_resource or (resource is not None and path_matches(resource, path[:-1]))
