"""Which snapshots are recorded, and what one says that another does not; changes nothing."""

import difflib
from dataclasses import dataclass

import yaml

from bylaw.base.errors import ConfigurationError
from bylaw.base.plain import Plain, Record
from bylaw.load.secret import hide_secrets
from bylaw.model.archive import ArchivedSnapshot, Pin
from bylaw.services.moment import iso
from bylaw.services.pin import find
from bylaw.store.store import Store, Transaction

WIDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A recorded snapshot. `is_waiting` is what the files say while another one is pinned."""

    snapshot: ArchivedSnapshot
    is_live: bool
    is_pinned: bool
    is_waiting: bool

    def record(self) -> dict[str, Plain]:
        """Return what machines read."""
        return {
            "digest": self.snapshot.digest,
            "at": iso(self.snapshot.at),
            "git_commit": self.snapshot.git_commit,
            "documents": len(self.snapshot.documents),
            "live": self.is_live,
            "pinned": self.is_pinned,
            "waiting": self.is_waiting,
            "has_source": bool(self.snapshot.files),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The newest snapshots of a store, how many there are, and the pin."""

    snapshots: tuple[Listed, ...]
    count: int
    pin: Pin | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One document that differs: `added`, `removed` or `changed`, and its lines."""

    document: str
    change: str
    diff: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What differs from one snapshot to another, by document."""

    before: ArchivedSnapshot
    after: ArchivedSnapshot
    changes: tuple[Change, ...]

    def record(self) -> dict[str, Plain]:
        """Return what machines read."""
        return {
            "from": self.before.digest,
            "to": self.after.digest,
            "changes": [
                {"document": one.document, "change": one.change, "diff": one.diff}
                for one in self.changes
            ],
        }


async def inventory(store: Store, scope: str, limit: int) -> Inventory:
    """Return the newest snapshots; what is pinned is among them, however old it is."""
    async with store.read() as tx:
        pin = await tx.pins.get(scope)
        newest = await tx.snapshots.newest(scope, limit)
        count = await tx.snapshots.count(scope)
        pinned = await tx.snapshots.get(scope, pin.digest) if pin else None
    head = newest[0].digest if newest else None
    old = (pinned,) if pinned is not None and pinned not in newest else ()
    live = pin.digest if pin else head
    listed = tuple(
        Listed(
            snapshot=one,
            is_live=one.digest == live,
            is_pinned=pin is not None and one.digest == pin.digest,
            is_waiting=pin is not None and one.digest == head != pin.digest,
        )
        for one in (*newest, *old)
    )
    return Inventory(snapshots=listed, count=count, pin=pin)


async def compare(store: Store, scope: str, before: str, *, after: str | None) -> Comparison:
    """Return what the snapshots that two words name differ in.

    Without a second word it is what is live: what is pinned, else the newest one.

    Raises:
        ConfigurationError: a word names none, or several.
    """
    async with store.read() as tx:
        old = await _snapshot(tx, scope, await find(tx, scope, before))
        pin = await tx.pins.get(scope)
        if after is not None:
            digest = await find(tx, scope, after)
        else:
            digest = pin.digest if pin else (await tx.snapshots.digests(scope))[0]
        new = await _snapshot(tx, scope, digest)
        refs = sorted({*old.documents, *new.documents})
        differing = [ref for ref in refs if old.documents.get(ref) != new.documents.get(ref)]
        changes = [await _change(tx, ref, old, after=new) for ref in differing]
    return Comparison(before=old, after=new, changes=tuple(changes))


async def _snapshot(tx: Transaction, scope: str, digest: str) -> ArchivedSnapshot:
    found = await tx.snapshots.get(scope, digest)
    if found is None:
        raise ConfigurationError(f"`{digest[:12]}` is not recorded in this store")
    return found


async def _change(
    tx: Transaction, ref: str, before: ArchivedSnapshot, *, after: ArchivedSnapshot
) -> Change:
    old, new = await _lines(tx, ref, before), await _lines(tx, ref, after)
    kind = "added" if ref not in before.documents else "changed"
    kind = "removed" if ref not in after.documents else kind
    return Change(document=ref, change=kind, diff=_diff(old, new, ref, pair=(before, after)))


def _diff(
    old: list[str], new: list[str], ref: str, *, pair: tuple[ArchivedSnapshot, ArchivedSnapshot]
) -> str:
    names = [f"{ref} {one.digest[:12]}" for one in pair]
    return "\n".join(difflib.unified_diff(old, new, names[0], names[1], lineterm=""))


async def _lines(tx: Transaction, ref: str, snapshot: ArchivedSnapshot) -> list[str]:
    """Return the lines of a document; what stands there as a secret is not shown."""
    digest = snapshot.documents.get(ref)
    document = await tx.documents.get(snapshot.scope, digest) if digest else None
    if document is None:
        return []
    content, _ = hide_secrets(document.kind, document.content)
    return as_yaml(content).splitlines()


class _Dumper(yaml.SafeDumper):
    """Writes as a person does: lists indented, long texts as blocks, nothing by reference."""

    def ignore_aliases(self, _data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - PyYAML's own
        super().increase_indent(flow, False)  # noqa: FBT003 - PyYAML's own


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def as_yaml(content: Record) -> str:
    """Return a document's content as YAML, keys in the order they were written in."""
    return yaml.dump(
        dict(content), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH
    )
