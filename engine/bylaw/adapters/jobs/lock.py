"""A lock between processes that the operating system frees when its holder dies."""

import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def lock(file: IO[bytes]) -> None:
        """Lock the file or raise OSError."""
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def lock(file: IO[bytes]) -> None:
        """Lock the file or raise OSError."""
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def try_lock(path: Path) -> IO[bytes] | None:
    """Return the open file that holds the lock until it is closed, or nothing.

    Where the file cannot be made, nobody can hold it; nor can jobs be written beside it.
    """
    try:
        file = path.open("ab")
    except OSError:
        return None
    try:
        lock(file)
    except OSError:
        file.close()
        return None
    return file
