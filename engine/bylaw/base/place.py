"""Where something stands in a file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position: the file relative to the house, line and column counted from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        """Return `file:line:column`, as editors and compilers write it."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def short(self) -> str:
        """Return `file:line`, as answers to agents name a rule."""
        return f"{self.file}:{self.line}"
