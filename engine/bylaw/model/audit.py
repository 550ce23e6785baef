"""The audit: what was decided and done, redacted, and the seals that show tampering."""

from dataclasses import dataclass
from datetime import datetime

from bylaw.base.plain import Plain, Record, digest


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One thing that happened. `body` is redacted; `seq` is given by the store.

    `kind` says what it is (`decision`, `reload`, …) and `id` identifies it among its kind.
    """

    scope: str
    at: datetime
    kind: str
    id: str
    actor: str
    action: str = ""
    instance: str | None = None
    body: Record
    seq: int = 0

    def plain(self) -> Plain:
        """Return what a seal covers."""
        where = [self.seq, self.scope, self.at.isoformat(), self.kind, self.id]
        return [*where, self.actor, self.action, self.instance, self.body]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The digest of the records `first` to `last`, chained to the seal before it."""

    id: int
    first: int
    last: int
    count: int
    at: datetime
    previous: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What verifying found: the first seal that is broken, and what is not sealed yet.

    `broken` says what is wrong in one sentence and is empty where all seals hold.
    """

    seals: int
    records: int
    unsealed: int
    unsealed_from: int | None
    broken: str = ""
    broken_seal: int | None = None


def seal_digest(previous: str, records: tuple[AuditRecord, ...]) -> str:
    """Return the digest of a range of records after the seal before it."""
    return digest([previous, [record.plain() for record in records]])
