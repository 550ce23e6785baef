"""The files of a house: `bylaw.yaml` and what lies in `rules/ workflows/ personas/`.

Reads and never writes; the order is the same on every machine. What begins with a dot is not
content. Links are followed inside the house; the folders themselves may be links to elsewhere,
as container mounts make them.
"""

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from itertools import islice
from pathlib import Path

from bylaw.base.place import Place
from bylaw.base.problem import Problem, sort_problems
from bylaw.load.limits import MAX_FILE_BYTES, MAX_FILES, MAX_FOLDER_DEPTH, MAX_HOUSE_BYTES

SERVER_FILE = "bylaw.yaml"
FOLDERS = ("personas", "rules", "workflows")
SUFFIXES = (".yaml", ".yml")
# What is read of a file of git's own.
MAX_GIT_BYTES = 16 * 1024 * 1024
COMMIT = re.compile(r"^[0-9a-f]{40}(?:[0-9a-f]{24})?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file: its path relative to the house, parted by `/`, and the SHA-256 of its content."""

    path: str
    content: bytes = field(repr=False)
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The files of a house, by path, and those that could not be read."""

    root: Path
    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]


def read_house(root: Path) -> House:
    """Read every file of a house that may hold documents."""
    walk = _Walk(root)
    found = walk.files()
    files = sorted((file for file in found if file is not None), key=lambda file: file.path)
    return House(root=root, files=tuple(files), problems=sort_problems(walk.problems))


def shipped_house() -> Path:
    """Return the content that Bylaw brings along: inside the wheel, or in the repository."""
    shipped = Path(str(resources.files("bylaw"))) / "shipped"
    return shipped if (shipped / SERVER_FILE).is_file() else Path(__file__).parents[3]


def git_commit(root: Path) -> str | None:
    """Return the commit that is checked out where a house lies, or nothing outside git.

    Reads git's own files; says nothing of changes that are not committed.
    """
    try:
        folder = _git_folder(_real(root))
        head = _text_of(folder / "HEAD").strip() if folder else ""
        commit = _resolved(folder, head) if folder else None
    except (OSError, UnicodeError):
        return None
    return commit if commit and COMMIT.match(commit) else None


class _Walk:
    """One walk over the folders of a house."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self._inside: list[Path] = []
        self._visited: set[Path] = set()
        self._left_bytes = MAX_HOUSE_BYTES

    def files(self) -> list[SourceFile | None]:
        server = self.root / SERVER_FILE
        if not server.is_file():
            message = f"the folder has no `{SERVER_FILE}`"
            self._problem(server, "missing-file", message, "`bylaw init` makes a house")
            return []
        self._inside = [_real(self.root), *(_real(self.root / name) for name in FOLDERS)]
        found = (path for name in FOLDERS for path in self._content(self.root / name, depth=0))
        paths = list(islice(found, MAX_FILES + 1))
        if len(paths) > MAX_FILES:
            message = f"the house has more than {MAX_FILES:,} files"
            self._problem(server, "too-many", message, "join documents with `---`")
        return [self._within_size(path) for path in [server, *paths[:MAX_FILES]]]

    def _within_size(self, path: Path) -> SourceFile | None:
        """Read a file, unless those before it fill what a house may have."""
        if self._left_bytes < 0:
            return None
        file = self._read(path)
        self._left_bytes -= len(file.content) if file else 0
        if self._left_bytes < 0:
            message = f"the files of the house have more than {MAX_HOUSE_BYTES:,} bytes"
            self._problem(path, "too-large", message, "remove what is no content of the house")
        return file

    def _content(self, folder: Path, *, depth: int) -> Iterator[Path]:
        """Give the files of a folder and of those below it, each folder once."""
        if not folder.is_dir() or _real(folder) in self._visited:
            return
        self._visited.add(_real(folder))
        if depth > MAX_FOLDER_DEPTH:
            message = f"folders lie more than {MAX_FOLDER_DEPTH} levels deep"
            self._problem(folder, "too-deep", message, "move the files up")
            return
        for path in self._listed(folder):
            if path.name.startswith(".") or not self._is_inside(path):
                continue
            if path.is_dir():
                yield from self._content(path, depth=depth + 1)
            elif path.suffix in SUFFIXES:
                yield path

    def _listed(self, folder: Path) -> list[Path]:
        try:
            return sorted(folder.iterdir())
        except OSError as error:
            self._unreadable(folder, error)
            return []

    def _is_inside(self, path: Path) -> bool:
        if not path.is_symlink():
            return True
        target = _real(path)
        if any(target.is_relative_to(folder) for folder in self._inside):
            return True
        if path.suffix in SUFFIXES or path.is_dir():
            message = "the link leads out of the house"
            self._problem(path, "link", message, "copy what it points to into the house")
        return False

    def _read(self, path: Path) -> SourceFile | None:
        if not path.is_file():
            says = "the link leads nowhere" if path.is_symlink() else "this is no ordinary file"
            self._problem(path, "unreadable", says, "remove it")
            return None
        try:
            # One byte more than allowed, so that the loader says that it is too large.
            content = _content_of(path, most=MAX_FILE_BYTES + 1)
        except OSError as error:
            self._unreadable(path, error)
            return None
        digest = hashlib.sha256(content).hexdigest()
        return SourceFile(path=self._name(path), content=content, digest=digest)

    def _unreadable(self, path: Path, error: OSError) -> None:
        message = f"this cannot be read: {os.strerror(error.errno or 0).lower()}"
        self._problem(path, "unreadable", message, "give the server the right to read it")

    def _name(self, path: Path) -> str:
        name = path.relative_to(self.root).as_posix()
        return name.encode("utf-8", "replace").decode("utf-8")

    def _problem(self, path: Path, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(Place(self._name(path)), code, message, hint))


def _content_of(path: Path, *, most: int = MAX_GIT_BYTES) -> bytes:
    """Return so many bytes of an ordinary file; a pipe that took its place is not waited for.

    Raises:
        OSError: it cannot be read, or is no ordinary file.
    """
    with open(path, "rb", opener=_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "no ordinary file")
        return file.read(most)


def _at_once(name: str, flags: int) -> int:
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _text_of(path: Path) -> str:
    return _content_of(path).decode("utf-8")


def _real(path: Path) -> Path:
    """Return where a path leads; unlike `Path.resolve`, a link to itself raises nothing."""
    return Path(os.path.realpath(path))


def _git_folder(root: Path) -> Path | None:
    """Find `.git`; in a worktree it is a file that names the folder."""
    for folder in (root, *root.parents):
        found = folder / ".git"
        if found.is_dir():
            return found
        if found.is_file():
            named = _text_of(found).removeprefix("gitdir:").strip()
            return (folder / named).resolve()
    return None


def _resolved(folder: Path, head: str) -> str | None:
    """Follow `ref: refs/heads/main` to its commit, loose or packed."""
    if not head.startswith("ref:"):
        return head
    name = head.removeprefix("ref:").strip()
    common = folder / "commondir"
    shared = (folder / _text_of(common).strip()) if common.is_file() else folder
    for place in (folder, shared):
        if (place / name).is_file():
            return _text_of(place / name).strip()
    return _packed(shared / "packed-refs", name)


def _packed(file: Path, name: str) -> str | None:
    lines = _text_of(file).splitlines() if file.is_file() else []
    commits = (line.split(" ", 1)[0] for line in lines if line.endswith(f" {name}"))
    return next(commits, None)
