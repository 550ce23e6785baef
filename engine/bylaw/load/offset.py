"""From a character of a scalar's value to its place in the file, for every style of YAML.

Folding removes line breaks and indentation, quotes have escapes: the way back is walked only
when somebody asks, which is when a mistake is found.
"""

import re
from collections.abc import Iterator

from bylaw.base.place import Place
from bylaw.load.source import BREAK, Source

BLANKS = " \t\r\n"
ANCHOR = re.compile(r"&\S+\s+")
FOLDED = r"(?P<folded>[ \t]*(?:(?:\r\n|\r|\n)[ \t]*)+)"
# A piece of a quoted text stands for one character, for none, or for a folded break.
PIECES = {
    "'": re.compile(FOLDED + r"|''|.", re.DOTALL),
    '"': re.compile(
        r"(?P<joined>\\(?:\r\n|\r|\n)[ \t]*)|" + FOLDED + r"|\\x..|\\u....|\\U........|\\.|.",
        re.DOTALL,
    ),
}


def place_in(
    source: Source, offset: int, *, start: int, end: int, style: str | None, value: str
) -> Place:
    """Return where the character `offset` of a scalar's value stands.

    `start` and `end` are the scalar's indexes in the text, `style` its quote or block mark.
    """
    anchor = ANCHOR.match(source.text, start, end)
    start = anchor.end() if anchor else start
    if style in PIECES:
        return source.place(
            _in_quotes(source.text[: end - 1], start + 1, pieces=PIECES[style], offset=offset)
        )
    if style in ("|", ">"):
        header = BREAK.search(source.text, start)
        start = header.end() if header else end
    return source.place(_in_plain(source.text, start, value=value, offset=offset))


def _in_plain(text: str, start: int, *, value: str, offset: int) -> int:
    """Find the place by counting what folding leaves alone: all that is not blank."""
    head = value[:offset]
    visible = sum(character not in BLANKS for character in head)
    is_blank = offset >= len(value) or value[offset] in BLANKS
    if not is_blank:
        return _visible(text, start, count=visible + 1)
    blanks = len(head) - len(head.rstrip(BLANKS))
    return (_visible(text, start, count=visible) + 1 if visible else start) + blanks


def _visible(text: str, start: int, *, count: int) -> int:
    for index in range(start, len(text)):
        count -= text[index] not in BLANKS
        if count == 0:
            return index
    return len(text)


def _in_quotes(text: str, start: int, *, pieces: re.Pattern[str], offset: int) -> int:
    for index, found in enumerate(_characters(text, start, pieces=pieces)):
        if index == offset:
            return found
    return len(text)


def _characters(text: str, start: int, *, pieces: re.Pattern[str]) -> Iterator[int]:
    """Give the index of the piece behind each character of the value, in order."""
    for piece in pieces.finditer(text, start):
        groups = piece.groupdict()
        if groups.get("joined"):
            continue
        breaks = len(BREAK.findall(piece[0])) if groups["folded"] else 0
        for _ in range(max(breaks - 1, 1)):
            yield piece.start()
