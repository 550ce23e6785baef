"""`bylaw snapshots`: which are recorded, what differs, and pinning one of them."""

import argparse
import asyncio
import json
from collections.abc import Callable, Iterator, Mapping

from bylaw.app.snapshots import diff_snapshots, list_snapshots, pin_snapshot, unpin_snapshot
from bylaw.faces.cli.code import Exit
from bylaw.faces.cli.show import harmless
from bylaw.model.archive import Pin
from bylaw.services.comparing import Change, Comparison, Inventory, Listed
from bylaw.services.moment import iso

SOON = "Running servers over this store follow within two seconds; others when they start."


def snapshots(chosen: argparse.Namespace) -> int:
    """Run the command of `bylaw snapshots` that was chosen."""
    return VERBS[chosen.what](chosen)


def listing(chosen: argparse.Namespace) -> int:
    """Print the recorded snapshots, newest first."""
    found = asyncio.run(list_snapshots(chosen.house, chosen.limit))
    if chosen.json:
        told = {"snapshots": [one.record() for one in found.snapshots], "count": found.count}
        print(json.dumps({**told, "pin": pin_record(found.pin)}, indent=2, ensure_ascii=False))
    else:
        show(inventory_lines(found))
    return Exit.OK


def comparing(chosen: argparse.Namespace) -> int:
    """Print which documents differ, and how."""
    found = asyncio.run(diff_snapshots(chosen.house, chosen.before, chosen.after))
    if chosen.json:
        print(json.dumps(found.record(), indent=2, ensure_ascii=False))
    else:
        show(comparison_lines(found))
    return Exit.OK


def pinning(chosen: argparse.Namespace) -> int:
    """Pin a snapshot."""
    pin = asyncio.run(pin_snapshot(chosen.house, chosen.digest, chosen.reason))
    show([f"Pinned {pin.digest[:12]}. {SOON}"])
    return Exit.OK


def unpinning(chosen: argparse.Namespace) -> int:
    """Let the files count again."""
    pin = asyncio.run(unpin_snapshot(chosen.house, chosen.reason))
    show([f"Unpinned {pin.digest[:12]}; what the files said last counts again. {SOON}"])
    return Exit.OK


def show(lines: Iterator[str] | list[str]) -> None:
    """Print lines; nothing in them can steer a terminal."""
    for line in lines:
        print(harmless(line))


def inventory_lines(found: Inventory) -> Iterator[str]:
    """Yield a line for each snapshot, how many more there are, and the pin."""
    if not found.snapshots:
        yield "No snapshot is recorded yet; `bylaw serve` records them."
        return
    for one in found.snapshots:
        yield snapshot_line(one)
    older = found.count - len(found.snapshots)
    if older > 0:
        yield f"… and {older} more; `--limit {found.count}` shows them."
    if found.pin is not None:
        why = f": {found.pin.reason}" if found.pin.reason else ""
        yield f"Pinned since {iso(found.pin.at)} by {found.pin.by}{why}"


def snapshot_line(one: Listed) -> str:
    """Return a snapshot on one line."""
    kept = one.snapshot
    marks = {
        "live": one.is_live,
        "pinned": one.is_pinned,
        "waiting behind the pin": one.is_waiting,
        "no source": not kept.files,
    }
    said = ", ".join(mark for mark, holds in marks.items() if holds)
    commit = (kept.git_commit or "-")[:12]
    count = f"{len(kept.documents)} documents"
    return f"{kept.digest[:12]}  {iso(kept.at)}  {commit:12}  {count:>13}  {said}".rstrip()


def comparison_lines(found: Comparison) -> Iterator[str]:
    """Yield what differs: the documents first, then the lines of each."""
    before, after = found.before.digest[:12], found.after.digest[:12]
    if not found.changes:
        yield f"{before} and {after} say the same."
        return
    yield f"From {before} ({iso(found.before.at)}) to {after} ({iso(found.after.at)}):"
    for one in found.changes:
        yield f"  {one.change:8} {one.document}"
    for one in found.changes:
        yield from ("", *lines_of(one))


def lines_of(change: Change) -> list[str]:
    """Return the lines of one document's difference."""
    return change.diff.splitlines()


def pin_record(pin: Pin | None) -> dict[str, str] | None:
    """Return what machines read of the pin."""
    if pin is None:
        return None
    return {"digest": pin.digest, "since": iso(pin.at), "by": pin.by, "reason": pin.reason}


VERBS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "list": listing,
    "diff": comparing,
    "pin": pinning,
    "unpin": unpinning,
}
