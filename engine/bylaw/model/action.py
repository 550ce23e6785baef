"""Everything that can be done is an action of one catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """Which actions are meant: globs over names, `tag:x`, `context.write(tasks/**)`.

    The fields that begin with `_` are the same words, sorted by how they are compared.
    """

    words: tuple[str, ...]
    place: Place
    _names: frozenset[str] = field(init=False, compare=False, repr=False)
    _families: tuple[str, ...] = field(init=False, compare=False, repr=False)
    _globs: tuple[str, ...] = field(init=False, compare=False, repr=False)
    _tags: frozenset[str] = field(init=False, compare=False, repr=False)
    _placed: tuple[tuple[str, str], ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Sort the words once, so that selecting is a look-up."""
        tags = {word[4:] for word in self.words if word.startswith("tag:")}
        placed = [word.partition("(") for word in self.words if "(" in word]
        plain = [w for w in self.words if not w.startswith("tag:") and "(" not in w]
        families = [word[:-1] for word in plain if word.endswith("*") and word.count("*") == 1]
        globs = [word for word in plain if "*" in word and word[:-1] not in families]
        object.__setattr__(self, "_names", frozenset(w for w in plain if "*" not in w))
        object.__setattr__(self, "_families", tuple(families))
        object.__setattr__(self, "_globs", tuple(globs))
        object.__setattr__(self, "_tags", frozenset(tags))
        object.__setattr__(self, "_placed", tuple((name, path[:-1]) for name, _, path in placed))

    def selects(self, name: str, tags: frozenset[str], resource: str | None = None) -> bool:
        """Say whether an action is meant; one word that selects it is enough.

        A word with a resource selects only a call whose resource is known and fits.
        """
        if self._selects_whole(name, tags):
            return True
        if resource is None or not self._placed:
            return False
        return any(
            name_matches(name, glob) and path_matches(resource, path)
            for glob, path in self._placed
        )

    @property
    def is_exact(self) -> bool:
        """Say whether every word is the whole name of an action."""
        return len(self._names) == len(set(self.words))

    def could_select(self, name: str, tags: frozenset[str]) -> bool:
        """Say whether an action is meant for at least some resource."""
        if self._selects_whole(name, tags):
            return True
        return bool(self._placed) and any(name_matches(name, glob) for glob, _ in self._placed)

    def _selects_whole(self, name: str, tags: frozenset[str]) -> bool:
        if name in self._names or name.startswith(self._families):
            return True
        if self._tags and not self._tags.isdisjoint(tags):
            return True
        return bool(self._globs) and any(name_matches(name, glob) for glob in self._globs)
