"""Saves of every kind, as editors, mounts and git do them, from a seeded plan.

A saver knows after each save what the server must say: the marker of the newest valid content,
and where the mistake stands if the newest content has one.
"""

import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ACCESS = """\
kind: access
name: storm
description: For the storm.
allow: ["storm.*"]
"""
CONTENT = """\
kind: action
name: storm.SLOT
description: Says which content is live.
---
kind: policy
name: storm-SLOT
description: Says which content is live.
applies: {actions: [storm.SLOT]}
rules:
  - {name: marker, effect: deny, message: MARKER}
"""
# One of many files beside those that are saved.
MANY = """\
kind: action
name: many.aNUMBER
description: One of many.
params: {branch: {type: string}, amount: {type: integer}}
---
kind: policy
name: many-NUMBER
description: One of many.
applies: {actions: [many.aNUMBER]}
rules:
  - {name: large, when: params.branch == "main" and params.amount > NUMBER, effect: deny}
"""
# What makes content wrong, and the line and column that must be named.
MISTAKES = (
    ("effect: deny", "efect: deny", "10:20"),
    ("effect: deny", "effect: dney", "10:28"),
    ("effect: deny", "when: nobody.knows, effect: deny", "10:26"),
)
PAUSE_S = 0.12


def content(slot: str, marker: str) -> str:
    """Return a valid file whose rule says the marker."""
    return CONTENT.replace("SLOT", slot).replace("MARKER", marker)


def fill(house: Path, files: int) -> None:
    """Add so many files to a house."""
    (house / "rules" / "many").mkdir()
    for number in range(files):
        text = MANY.replace("NUMBER", str(number))
        (house / "rules" / "many" / f"{number}.yaml").write_text(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What was saved, and what must be said from then on.

    `marker` is what the rule of the slot says, none where the file is gone. `at` is the place
    of the mistake that keeps the save from going live.
    """

    kind: str
    slot: str
    marker: str | None
    at: str = ""


@dataclass(slots=True)
class Saver:
    """Saves to one house; the seed makes the plan."""

    house: Path
    seed: int
    live: dict[str, str | None] = field(default_factory=dict)
    _random: random.Random = field(init=False)
    _number: int = field(default=0)
    _link: int = field(default=0)

    def __post_init__(self) -> None:
        """Prepare the house: a file that is edited, one that is mounted, one that git keeps."""
        self._random = random.Random(self.seed)  # noqa: S311 - a plan, and no secret
        (self.house / "rules" / "storm.yaml").write_text(ACCESS)
        self._edited.write_text(content("edited", "first"))
        self._mount(content("mounted", "first"))
        self._commit()
        self.live = {"edited": "first", "mounted": "first", "branched": "one"}

    @property
    def _edited(self) -> Path:
        return self.house / "rules" / "edited.yaml"

    @property
    def _mounted(self) -> Path:
        return self.house / "rules" / "mounted"

    def plan(self, saves: int) -> Iterator[Saved]:
        """Save so many times, each time when the next is asked for; the last content is valid."""
        kinds = [self._valid] * 5 + [self._broken] * 3 + [self._gone, self._renamed]
        broken: Saved | None = None
        for left in range(saves, 0, -1):
            if broken is not None:
                saved = self._mended(broken)
            else:
                saved = self._random.choice(kinds if left > 1 else [self._valid])()
            broken = saved if saved.at or saved.marker is None else None
            if not saved.at:
                self.live[saved.slot] = saved.marker
            yield saved

    def _mended(self, broken: Saved) -> Saved:
        """Save valid content over what was wrong or gone."""
        match broken.slot:
            case "mounted":
                return self._swapped()
            case "branched":
                return self._checked_out()
            case _:
                return self._edit()

    def _valid(self) -> Saved:
        return self._random.choice((self._edit, self._swapped, self._checked_out))()

    def _edit(self) -> Saved:
        ways: tuple[Callable[[Path, str], None], ...] = (in_place, moved_over, with_backup, halves)
        way = self._random.choice(ways)
        marker = self._next()
        way(self._edited, content("edited", marker))
        return Saved(kind=way.__name__, slot="edited", marker=marker)

    def _swapped(self) -> Saved:
        marker = self._next()
        self._mount(content("mounted", marker))
        return Saved(kind="swapped link", slot="mounted", marker=marker)

    def _checked_out(self) -> Saved:
        now = self.live["branched"]
        marker = self._random.choice([one for one in ("one", "two", "three") if one != now])
        if now == marker:
            marker = "one"
        git(self.house, "checkout", "-q", "-f", marker)
        return Saved(kind="git checkout", slot="branched", marker=marker)

    def _broken(self) -> Saved:
        slot = self._random.choice(("edited", "mounted", "branched"))
        if slot == "branched":
            git(self.house, "checkout", "-q", "-f", "broken")
            return self._rejected("broken checkout", slot, "rules/branched.yaml:10:20")
        good, bad, place = self._random.choice(MISTAKES)
        text = content(slot, self._next()).replace(good, bad)
        if slot == "mounted":
            self._mount(text)
            return self._rejected("broken link", slot, f"rules/mounted/rule.yaml:{place}")
        if self._random.random() < 0.3:
            half = text[: text.index("applies") + 9]
            in_place(self._edited, half)
            return self._rejected("half written", slot, "rules/edited.yaml:8:9")
        in_place(self._edited, text)
        return self._rejected("broken", slot, f"rules/edited.yaml:{place}")

    def _rejected(self, kind: str, slot: str, at: str) -> Saved:
        return Saved(kind=kind, slot=slot, marker=self.live[slot], at=at)

    def _gone(self) -> Saved:
        self._edited.unlink()
        return Saved(kind="deleted", slot="edited", marker=None)

    def _renamed(self) -> Saved:
        marker = self._next()
        new = self._edited.with_name(f"edited-{marker}.yaml")
        self._edited.rename(new)
        in_place(new, content("edited", marker))
        new.rename(self._edited)
        return Saved(kind="renamed", slot="edited", marker=marker)

    def _next(self) -> str:
        self._number += 1
        return f"marker-{self._number}"

    def _mount(self, text: str) -> None:
        """Write a new folder and swap the link `..data` to it, as Kubernetes updates a volume."""
        self._link += 1
        new = self._mounted / f"..{self._link}"
        new.mkdir(parents=True)
        (new / "rule.yaml").write_text(text)
        link = self._mounted / "..data_tmp"
        link.symlink_to(new.name)
        link.replace(self._mounted / "..data")
        shown = self._mounted / "rule.yaml"
        if not shown.is_symlink():
            shown.symlink_to("..data/rule.yaml")
        shutil.rmtree(self._mounted / f"..{self._link - 1}", ignore_errors=True)

    def _commit(self) -> None:
        """Make a repository with a branch for each content, and check the first one out."""
        file = self.house / "rules" / "branched.yaml"
        git(self.house, "init", "-q", "-b", "start")
        (self.house / ".gitignore").write_text(
            "rules/edited*\nrules/mounted/\nrules/many/\n.bylaw/\n"
        )
        for name in ("broken", "three", "two", "one"):
            text = content("branched", name)
            file.write_text(text if name != "broken" else text.replace("effect", "efect"))
            (self.house / "rules" / "more.yaml").unlink(missing_ok=True)
            if name == "three":
                (self.house / "rules" / "more.yaml").write_text(content("more", name))
            git(self.house, "checkout", "-q", "-b", name)
            git(self.house, "add", ".")
            git(self.house, "commit", "-q", "-m", name)


def in_place(path: Path, text: str) -> None:
    """Write over the file."""
    path.write_text(text)


def moved_over(path: Path, text: str) -> None:
    """Write a new file and move it over the old one."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(text)
    new.replace(path)


def with_backup(path: Path, text: str) -> None:
    """Move the old file away, write a new one, and remove the old one."""
    old = path.with_name(f"{path.name}~")
    if path.exists():
        path.rename(old)
    path.write_text(text)
    old.unlink(missing_ok=True)


def halves(path: Path, text: str) -> None:
    """Write half of the file, and the rest later than the server waits for it."""
    with path.open("w") as file:
        file.write(text[: len(text) // 2])
        file.flush()
        os.fsync(file.fileno())
        time.sleep(PAUSE_S)
        file.write(text[len(text) // 2 :])


def git(house: Path, *words: str) -> None:
    """Run git in the house, with nobody's configuration."""
    known = ["-c", "user.name=storm", "-c", "user.email=storm@example.org", "-c", "gc.auto=0"]
    environ = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(house)}
    subprocess.run(["git", *known, *words], cwd=house, env=environ, check=True)
