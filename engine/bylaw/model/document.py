"""A loaded document: one `kind` and `name`, its tree, and its digest."""

from dataclasses import dataclass, field

from bylaw.base.node import Mapping, plain
from bylaw.base.place import Place
from bylaw.base.plain import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document of one file, checked against the schema of its kind.

    `digest` is the SHA-256 of its canonical content: positions, comments and the
    environment take no part in it.
    """

    kind: str
    name: str
    place: Place
    digest: str
    root: Mapping = field(compare=False, repr=False)

    @property
    def file(self) -> str:
        """Return the file, relative to the house."""
        return self.place.file

    @property
    def ref(self) -> str:
        """Return `kind/name`, which is unique in a snapshot."""
        return f"{self.kind}/{self.name}"

    def plain(self) -> Plain:
        """Return the content without positions."""
        return plain(self.root)
