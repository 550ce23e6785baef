"""What is kept of content: documents by digest, and the snapshots that were live."""

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
class ArchivedSnapshot:
    """A snapshot that was live: the digest of each document by `kind/name`."""

    scope: str
    digest: str
    documents: Mapping[str, str]
    git_commit: str | None
    at: datetime
