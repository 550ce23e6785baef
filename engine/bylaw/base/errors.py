"""The exceptions of Bylaw; only faces turn them into statuses and exit codes.

BylawError
├── ContentError        the house does not load; carries every problem found
├── ConfigurationError  a setting of this process cannot be used
├── StoreUnavailable    the database did not answer; nothing was written
│   └── CommitLost      … or all of it: it did not answer to the commit
├── DefinitionLost      an instance follows a definition that cannot be had any more
├── Conflict            a row was changed by somebody else; nothing was written
├── Unstorable          a value cannot be stored as it is; nothing was written
└── CallFailed          a call to the outside ended without an answer that can be used

An expected "no" (a refusal, a guard that does not hold) is a value and never raised.
"""

from collections.abc import Iterable

from bylaw.base.problem import Problem, sort_problems


class BylawError(Exception):
    """The root; `code` is stable and may be shown to a user."""

    code = "internal"


class ContentError(BylawError):
    """The house has mistakes; `problems` has all of them, sorted."""

    code = "content"

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems and make a message of one line each."""
        self.problems = sort_problems(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ConfigurationError(BylawError):
    """A setting of this process cannot be used; the message says which and what to do."""

    code = "configuration"


class StoreUnavailable(BylawError):
    """The database did not answer; nothing was written."""

    code = "unavailable"


class CommitLost(StoreUnavailable):
    """The database went away during the commit: all was written, or nothing."""

    code = "outcome-unknown"


class DefinitionLost(BylawError):
    """Neither the live definition fits an instance, nor can its own be had from the store."""

    code = "unavailable"


class Conflict(BylawError):
    """Somebody else changed the row first; nothing was written."""

    code = "stale"


class Unstorable(BylawError):
    """A text has a NUL or half a character, or a number is not one that JSON knows."""

    code = "bad-params"

    def __init__(self) -> None:
        """Say what cannot be stored, without repeating it."""
        super().__init__("a value has a character or a number that cannot be stored")


class CallFailed(BylawError):
    """A call to the outside gave no usable answer.

    `retryable` is true where the same call may succeed later (a timeout, a 503), and
    `unknown` where it may have happened although no answer came.
    """

    code = "call-failed"

    def __init__(self, message: str, *, retryable: bool, unknown: bool = False) -> None:
        """Keep whether trying again makes sense, and whether the call may have happened."""
        self.retryable = retryable
        self.unknown = unknown
        super().__init__(message)
