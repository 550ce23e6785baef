"""What is kept of content: documents by digest, the snapshots that were live, and the pin."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bylaw.base.plain import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedDocument:
    """The canonical content of a document, under its digest."""

    scope: str
    digest: str
    kind: str
    name: str
    content: Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedSource:
    """The bytes of a file of a house, under their SHA-256."""

    scope: str
    digest: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedSnapshot:
    """A snapshot that the files made: the digest of each document by `kind/name`.

    `at` is when they last began to say this. `files` has the digest of each source by its path,
    and is None where no source is kept: such a snapshot cannot be made live again.
    """

    scope: str
    digest: str
    documents: Mapping[str, str]
    git_commit: str | None
    at: datetime
    files: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """The order to keep a snapshot live, whatever the files say: since when, by whom and why."""

    scope: str
    digest: str
    at: datetime
    by: str
    reason: str
