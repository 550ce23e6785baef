"""What every document may know of the rest of the house while it is compiled.

Made in a first pass over all documents, before any body is compiled; holds names, never bodies.
What a document asked for is noted: it is compiled again only when one of those answers changes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bylaw.base.plain import Plain
from bylaw.model.action import Selector

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAction:
    """An action as other documents see it. `params` is None where any name may be sent."""

    name: str
    tags: frozenset[str]
    params: frozenset[str] | None
    required: frozenset[str] = frozenset()


@dataclass(slots=True)
class Meanings:
    """What selectors mean in one catalogue; many of them share their words."""

    selected: dict[tuple[str, ...], tuple[KnownAction, ...]] = field(default_factory=dict)
    tags: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The names of the house.

    `actions` has every action of the catalogue, those of workflows (`code-review.submit`,
    `code-review.start`) and events (`event.git.pushed`) included; `events` the events by their
    own names with the names of their params. `vars` are the house's, a scope's own over them.
    `digest` is equal for equal names, `fixed` for equal names of what `bylaw.yaml` says.
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
    fixed: str = ""
    meanings: Meanings = field(default_factory=Meanings, compare=False, repr=False)
    notes: "Notes | None" = field(default=None, compare=False, repr=False)

    def selected(self, selector: Selector) -> tuple[KnownAction, ...]:
        """Return the actions of the catalogue that a selector means, for any resource."""
        found = self.meanings.selected.get(selector.words)
        if found is None:
            found = tuple(
                action
                for action in bare(self.actions).values()
                if selector.could_select(action.name, action.tags)
            )
            self.meanings.selected[selector.words] = found
        if self.notes is not None:
            self.notes.selected[selector] = found
        return found

    def tags(self) -> frozenset[str]:
        """Return every tag that an action of the catalogue has."""
        found = self.meanings.tags
        if found is None:
            found = frozenset().union(*(one.tags for one in bare(self.actions).values()))
            self.meanings.tags = found
        if self.notes is not None:
            self.notes.tags = found
        return found


class Noted(Mapping[str, T]):
    """Names that note which of them are asked for."""

    def __init__(self, names: Mapping[str, T]) -> None:
        """Begin with nothing asked."""
        self.names = names
        self.asked: dict[str, T | None] = {}
        self.all_asked = False

    def __getitem__(self, name: str) -> T:
        """Return what a name means."""
        self.asked[name] = self.names.get(name)
        return self.names[name]

    def __iter__(self) -> Iterator[str]:
        """Walk all names, so that every new one counts."""
        self.all_asked = True
        return iter(self.names)

    def __len__(self) -> int:
        """Return how many names there are."""
        self.all_asked = True
        return len(self.names)

    def close(self) -> None:
        """Let go of the names that nobody asked for."""
        if not self.all_asked:
            self.names = {}

    def says_the_same(self, names: Mapping[str, T]) -> bool:
        """Say whether other names give the same answers to what was asked."""
        if self.all_asked:
            return self.names == names
        return all(names.get(name) == known for name, known in self.asked.items())


@dataclass(slots=True, kw_only=True)
class Notes:
    """What one document asked of the names of the house, and what it was told."""

    actions: Noted[KnownAction]
    events: Noted[frozenset[str]]
    workflows: frozenset[str]
    selected: dict[Selector, tuple[KnownAction, ...]] = field(default_factory=dict)
    tags: frozenset[str] | None = None

    def close(self) -> None:
        """End the notes: what they do not need for an answer is let go."""
        self.actions.close()
        self.events.close()

    def hold(self, context: Context) -> bool:
        """Say whether the document would be told the same by other names."""
        return (
            self.actions.says_the_same(context.actions)
            and self.events.says_the_same(context.events)
            and self.workflows == context.workflows
            and self.tags in (None, context.tags())
            and all(context.selected(one) == told for one, told in self.selected.items())
        )


def noting(context: Context) -> tuple[Context, Notes]:
    """Return the same names for one document, and the notes of what it will ask of them."""
    actions, events = Noted(context.actions), Noted(context.events)
    notes = Notes(actions=actions, events=events, workflows=context.workflows)
    return replace(context, actions=actions, events=events, notes=notes), notes


def bare(names: Mapping[str, T]) -> Mapping[str, T]:
    """Return names whose use is not noted."""
    return names.names if isinstance(names, Noted) else names
