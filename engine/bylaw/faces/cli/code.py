"""Exit codes: how a command went, for scripts."""

from enum import IntEnum


class Exit(IntEnum):
    """The codes; the help of `bylaw` lists them."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    NO_SERVER = 3
    INTERRUPTED = 130
