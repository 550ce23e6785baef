"""Texts with `${…}` in them, taken apart."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """An expression that begins at `offset` of the text."""

    text: str
    offset: int


class Unclosed(Exception):
    """A `${` without its `}`; `offset` is where it stands."""

    def __init__(self, offset: int) -> None:
        """Keep where it stands."""
        self.offset = offset
        super().__init__()


def pieces(text: str) -> Iterator[str | Insert]:
    """Give the pieces of a text in order: what stands for itself, and expressions.

    `$${` stands for the characters `${`. Raises Unclosed.
    """
    position = 0
    while (start := text.find("${", position)) >= 0:
        if start > position and text[start - 1] == "$":
            yield text[position : start - 1] + "${"
            position = start + 2
            continue
        if start > position:
            yield text[position:start]
        end = _end(text, start)
        yield Insert(text=text[start + 2 : end], offset=start + 2)
        position = end + 1
    if position < len(text):
        yield text[position:]


def _end(text: str, start: int) -> int:
    """Return where the `}` stands that closes the `${` at `start`."""
    depth, position = 0, start + 2
    while position < len(text):
        character = text[position]
        if character == "}" and depth == 0:
            return position
        if character in "\"'":
            position = _end_of_string(text, position)
        depth += (character == "{") - (character == "}")
        position += 1
    raise Unclosed(start)


def _end_of_string(text: str, start: int) -> int:
    """Return where the quote stands that closes the string at `start`, or the end of the text."""
    position = start + 1
    while position < len(text) and text[position] != text[start]:
        position += 2 if text[position] == "\\" else 1
    return position
