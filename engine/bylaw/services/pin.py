"""The operator's use cases: pin a recorded snapshot, and let the files count again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bylaw.base.errors import ConfigurationError
from bylaw.base.names import nearest
from bylaw.base.plain import Record
from bylaw.base.redaction import Redactor
from bylaw.load.secret import hide_secrets
from bylaw.model.archive import ArchivedSnapshot, Pin
from bylaw.model.audit import AuditRecord
from bylaw.services.archive import made_again
from bylaw.services.asking import NewId
from bylaw.services.moment import iso
from bylaw.store.store import Store, Transaction

LONGEST_REASON = 500
# How many digests a message names.
NAMED = 5
# Of a problem with this code another process, with another environment, may know nothing.
OF_ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who orders something, why, and when."""

    by: str
    reason: str
    now: datetime


class Pins:
    """Pins and unpins in one scope of a store; running servers look for it every second."""

    def __init__(self, store: Store, scope: str, *, new_id: NewId, redactor: Redactor) -> None:
        """Work on this scope; what an order says is redacted before it is written."""
        self._store = store
        self._scope = scope
        self._new_id = new_id
        self._redactor = redactor

    async def pin(self, word: str, order: Order, *, environ: Mapping[str, str]) -> Pin:
        """Pin the snapshot that a digest, or the beginning of one, names.

        Raises:
            ConfigurationError: there is no such snapshot, it is pinned already, or it cannot
                be made live again.
        """
        async with self._store.read() as tx:
            digest = await find(tx, self._scope, word)
        await self._check(digest, order.now, environ)
        async with self._store.write() as tx:
            await tx.sources.alone()
            return await self._put(tx, digest, order)

    async def unpin(self, order: Order) -> Pin:
        """Remove the pin, and return what it was.

        Raises:
            ConfigurationError: nothing is pinned.
        """
        async with self._store.write() as tx:
            pin = await tx.pins.get(self._scope)
            if pin is None:
                raise ConfigurationError("nothing is pinned; the files are what is live")
            await tx.pins.remove(self._scope)
            await self._tell(tx, "unpin", order, {"digest": pin.digest})
        return pin

    async def seal(self, now: datetime) -> None:
        """Seal what was written, as far as it is settled: perhaps no server runs to do it."""
        async with self._store.write() as tx:
            await tx.audit.seal(now)

    async def _check(self, digest: str, now: datetime, environ: Mapping[str, str]) -> None:
        """See that the snapshot still compiles, as far as this process can tell."""
        async with self._store.read() as tx:
            kept = await tx.snapshots.get(self._scope, digest)
            if kept is None or not kept.files:
                raise ConfigurationError(await why_without_source(tx, kept, digest))
        made = await made_again(self._store, self._scope, digest, environ=environ, now=now)
        if made.problems and all(one.code != OF_ENVIRONMENT for one in made.problems):
            problems = "\n".join(str(problem) for problem in made.problems)
            text = f"`{digest[:12]}` does not load with this Bylaw; nothing was pinned:"
            raise ConfigurationError(f"{text}\n{problems}")

    async def _put(self, tx: Transaction, digest: str, order: Order) -> Pin:
        before = await tx.pins.get(self._scope)
        if before is not None and before.digest == digest:
            text = f"`{digest[:12]}` is pinned already, since {iso(before.at)} by {before.by}"
            raise ConfigurationError(text)
        kept = await tx.snapshots.get(self._scope, digest)
        if kept is None or not kept.files:
            raise ConfigurationError(await why_without_source(tx, kept, digest))
        pin = Pin(
            scope=self._scope,
            digest=digest,
            at=order.now,
            by=order.by,
            reason=self._redactor.text(order.reason),
        )
        await tx.pins.put(pin)
        replaced = {"instead_of": before.digest} if before else {}
        await self._tell(tx, "pin", order, {"digest": digest, **replaced})
        return pin

    async def _tell(self, tx: Transaction, kind: str, order: Order, body: Record) -> None:
        said = {**body, "by": order.by, "reason": order.reason}
        record = AuditRecord(
            scope=self._scope,
            at=order.now,
            kind=kind,
            id=self._new_id("pin"),
            actor=order.by,
            body=self._redactor.value(said),
        )
        await tx.audit.append([record])


async def find(tx: Transaction, scope: str, word: str) -> str:
    """Return the digest that begins with a word.

    Raises:
        ConfigurationError: none does, or several do.
    """
    word = word.strip()[:64]
    wanted = word.lower()
    digests = await tx.snapshots.digests(scope)
    found = [digest for digest in digests if wanted and digest.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if not digests:
        raise ConfigurationError("no snapshot is recorded yet; `bylaw serve` records them")
    if found:
        several = ", ".join(f"`{shortest(one, digests)}`" for one in found[:NAMED])
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        raise ConfigurationError(f"`{word}` is the beginning of several: {several}{more}")
    raise ConfigurationError(f"no snapshot is `{word}`{near(wanted, digests)}")


def near(wanted: str, digests: tuple[str, ...]) -> str:
    """Return the digests that a word may have been meant to be, as the end of a sentence."""
    by_start = {digest[: len(wanted)]: digest for digest in reversed(digests)}
    found = [by_start[start] for start in nearest(wanted, by_start)] if wanted else []
    if not found:
        return "; `bylaw snapshots list` has them"
    named = ", ".join(f"`{shortest(one, digests)}`" for one in found)
    return f"; did you mean {named}?"


def shortest(digest: str, digests: tuple[str, ...]) -> str:
    """Return the beginning of a digest that no other one has; twelve digits where that does."""
    length = 12
    while sum(one.startswith(digest[:length]) for one in digests) > 1:
        length += 4
    return digest[:length]


async def why_without_source(tx: Transaction, kept: ArchivedSnapshot | None, digest: str) -> str:
    """Say why a snapshot cannot be made live again."""
    text = f"`{digest[:12]}` cannot be pinned: "
    if kept is None:
        return f"{text}it is not recorded"
    for ref, of in kept.documents.items():
        document = await tx.documents.get(kept.scope, of) if ref.startswith("server/") else None
        hidden = hide_secrets(document.kind, document.content)[1] if document else ()
        if hidden:
            names = ", ".join(f"`{path}`" for path in hidden)
            return f"{text}{names} stood written out in its `bylaw.yaml`; write `${{NAME}}`"
    return f"{text}its source is not kept; an older Bylaw recorded it, or it is too old"
