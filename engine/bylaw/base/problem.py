"""Mistakes in content, as data: collected, sorted and shown together."""

from collections.abc import Iterable
from dataclasses import dataclass

from bylaw.base.place import Place


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake: where it is, a stable code, what is wrong, and what to type instead.

    The message is a sentence in the present tense with the author's own word in backticks;
    the hint is what to do. Neither names a Python type or a JSON pointer.
    """

    place: Place
    code: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Return `file:line:col: code: message`, and the hint on a line of its own."""
        text = f"{self.place}: {self.code}: {self.message}"
        return f"{text}\n    hint: {self.hint}" if self.hint else text


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems by file, line and column, each once."""
    return tuple(sorted(set(problems)))
