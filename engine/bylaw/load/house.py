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
import time
from collections.abc import Callable, Iterator
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
# A file that changed within this time may change again without a trace in its times: some file
# systems count in seconds.
FRESH_NS = 3_000_000_000
# Times of content and of inode, size, inode, device.
Mark = tuple[int, int, int, int, int]
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
    return Reader(root).read()


def no_rest() -> None:
    """Go on at once: where nobody is in a hurry."""


class Reader:
    """Reads a house again and again; opens only the files that `stat` says are new.

    A file that was changed a moment ago is opened every time: what changes in the same tick of
    the file system's clock has the same times.
    """

    def __init__(self, root: Path) -> None:
        """Begin with nothing read."""
        self._root = root
        self._known: dict[str, tuple[Mark, SourceFile]] = {}

    def read(self, rest: Callable[[], None] = no_rest) -> House:
        """Return the files as they are now; `rest` is called between them."""
        walk = _Walk(self._root, self._known, rest)
        found = walk.files()
        files = sorted((file for file in found if file is not None), key=lambda file: file.path)
        self._known = walk.settled
        return House(root=self._root, files=tuple(files), problems=sort_problems(walk.problems))


def shipped_house() -> Path:
    """Return the content that Bylaw brings along: inside the wheel, or in the repository."""
    shipped = Path(str(resources.files("bylaw"))) / "shipped"
    return shipped if (shipped / SERVER_FILE).is_file() else Path(__file__).parents[3]


def git_commit(root: Path) -> str | None:
    """Return the commit that is checked out where a house lies, or nothing outside git.

    Reads git's own files; says nothing of changes that are not committed.
    """
    try:
        folder = _git_folder(Path(_real(str(root))))
        head = _text_of(folder / "HEAD").strip() if folder else ""
        commit = _resolved(folder, head) if folder else None
    except (OSError, UnicodeError):
        return None
    return commit if commit and COMMIT.match(commit) else None


class _Walk:
    """One walk over the folders of a house.

    Paths are texts and not objects here: a house has up to thousands of them at every save.
    """

    def __init__(
        self, root: Path, known: dict[str, tuple[Mark, SourceFile]], rest: Callable[[], None]
    ) -> None:
        self._rest = rest
        self.problems: list[Problem] = []
        self.settled: dict[str, tuple[Mark, SourceFile]] = {}
        self._root = f"{root}{os.sep}"
        self._known = known
        self._fresh_ns = time.time_ns() - FRESH_NS
        self._inside: list[str] = []
        self._visited: set[str] = set()
        self._left_bytes = MAX_HOUSE_BYTES

    def files(self) -> list[SourceFile | None]:
        server = self._root + SERVER_FILE
        if not _is_file(server):
            message = f"the folder has no `{SERVER_FILE}`"
            self._problem(server, "missing-file", message, "`bylaw init` makes a house")
            return []
        folders = [self._root + name for name in FOLDERS]
        self._inside = [_real(folder) for folder in (self._root, *folders)]
        found = (path for folder in folders for path in self._content(folder, depth=0))
        paths = list(islice(found, MAX_FILES + 1))
        if len(paths) > MAX_FILES:
            message = f"the house has more than {MAX_FILES:,} files"
            self._problem(server, "too-many", message, "join documents with `---`")
        return [self._within_size(path) for path in [server, *paths[:MAX_FILES]]]

    def _within_size(self, path: str) -> SourceFile | None:
        """Read a file, unless those before it fill what a house may have."""
        if self._left_bytes < 0:
            return None
        file = self._read(path)
        self._left_bytes -= len(file.content) if file else 0
        if self._left_bytes < 0:
            message = f"the files of the house have more than {MAX_HOUSE_BYTES:,} bytes"
            self._problem(path, "too-large", message, "remove what is no content of the house")
        return file

    def _content(self, folder: str, *, depth: int) -> Iterator[str]:
        """Give the files of a folder and of those below it, each folder once."""
        real = _real(folder)
        if not _is_folder(folder) or real in self._visited:
            return
        self._visited.add(real)
        if depth > MAX_FOLDER_DEPTH:
            message = f"folders lie more than {MAX_FOLDER_DEPTH} levels deep"
            self._problem(folder, "too-deep", message, "move the files up")
            return
        for entry in self._listed(folder):
            if entry.name.startswith(".") or not self._is_inside(entry):
                continue
            if _leads_on(entry):
                yield from self._content(entry.path, depth=depth + 1)
            elif entry.name.endswith(SUFFIXES):
                yield entry.path

    def _listed(self, folder: str) -> list[os.DirEntry[str]]:
        self._rest()
        try:
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._unreadable(folder, error)
            return []

    def _is_inside(self, entry: os.DirEntry[str]) -> bool:
        if not entry.is_symlink():
            return True
        target = _real(entry.path)
        if any(target == one or target.startswith(one + os.sep) for one in self._inside):
            return True
        if entry.name.endswith(SUFFIXES) or _is_folder(entry.path):
            message = "the link leads out of the house"
            self._problem(entry.path, "link", message, "copy what it points to into the house")
        return False

    def _read(self, path: str) -> SourceFile | None:
        self._rest()
        try:
            mark = _mark(path)
            if mark is None:
                self._no_file(path)
                return None
            before, file = self._known.get(path, (None, None))
            if file is None or before != mark:
                file = self._opened(path)
        except OSError as error:
            self._unreadable(path, error)
            return None
        if max(mark[:2]) < self._fresh_ns:
            self.settled[path] = mark, file
        return file

    def _opened(self, path: str) -> SourceFile:
        # One byte more than allowed, so that the loader says that it is too large.
        content = _content_of(path, most=MAX_FILE_BYTES + 1)
        digest = hashlib.sha256(content).hexdigest()
        return SourceFile(path=self._name(path), content=content, digest=digest)

    def _no_file(self, path: str) -> None:
        is_link = Path(path).is_symlink()
        says = "the link leads nowhere" if is_link else "this is no ordinary file"
        self._problem(path, "unreadable", says, "remove it")

    def _unreadable(self, path: str, error: OSError) -> None:
        message = f"this cannot be read: {os.strerror(error.errno or 0).lower()}"
        self._problem(path, "unreadable", message, "give the server the right to read it")

    def _name(self, path: str) -> str:
        name = path.removeprefix(self._root).replace(os.sep, "/")
        return name.encode("utf-8", "replace").decode("utf-8")

    def _problem(self, path: str, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(Place(self._name(path)), code, message, hint))


def _content_of(path: str | Path, *, most: int = MAX_GIT_BYTES) -> bytes:
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


def _mark(path: str) -> Mark | None:
    """Return what tells one content of a file from the next, or nothing if it is no file."""
    try:
        found = os.stat(path)  # noqa: PTH116 - a thousand paths at every save
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return None
        raise
    if not stat.S_ISREG(found.st_mode):
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev


def _leads_on(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) or (entry.is_symlink() and _is_folder(entry.path))


def _is_folder(path: str) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - a text, as all paths here


def _is_file(path: str) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - a text, as all paths here


def _real(path: str) -> str:
    """Return where a path leads; unlike `Path.resolve`, a link to itself raises nothing."""
    return os.path.realpath(path)


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
