"""The text of a file and where its characters stand; knows nothing of YAML's grammar."""

import re
from bisect import bisect_right
from functools import cached_property

from bylaw.base.place import Place
from bylaw.base.problem import Problem
from bylaw.load.limits import MAX_FILE_BYTES, MAX_JUDGED

# Control characters, line breaks of other standards, marks that turn the direction of text
# (what a person reads is then not what the file says), and what is no character at all.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
BREAK = re.compile(r"\r\n|\r|\n")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
BYTE_ORDER_MARK = "\ufeff"


class Source:
    """One file's text. Indexes count characters from 0, lines and columns from 1."""

    def __init__(self, text: str, *, file: str) -> None:
        """Keep the text; its lines are only counted when somebody asks for a place."""
        self.text = text
        self.file = file

    @cached_property
    def line_starts(self) -> list[int]:
        """Return the index of the first character of every line."""
        return [0, *(found.end() for found in BREAK.finditer(self.text))]

    def place(self, index: int) -> Place:
        """Return the line and column of the character at an index."""
        index = min(max(index, 0), len(self.text))
        line = bisect_right(self.line_starts, index)
        return Place(self.file, line, index - self.line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """Return one line without its break; lines beyond the end are empty, long ones are cut."""
        if not 1 <= number <= len(self.line_starts):
            return ""
        start = self.line_starts[number - 1]
        end = min(start + MAX_JUDGED, len(self.text))
        found = BREAK.search(self.text, start, end)
        return self.text[start : found.start() if found else end]

    def sign(self, place: Place) -> str:
        """Return the character at a place; nothing at the end of a line."""
        if not 1 <= place.line <= len(self.line_starts):
            return ""
        index = self.line_starts[place.line - 1] + place.column - 1
        return self.text[index : index + 1].strip("\r\n")


def read_source(content: bytes, *, file: str) -> Source | Problem:
    """Return the text of a file, or why it is none."""
    if len(content) > MAX_FILE_BYTES:
        size = f"{len(content):,} bytes"
        message = f"the file has {size}; at most {MAX_FILE_BYTES:,} are read"
        return Problem(Place(file), "too-large", message, "split it into several files")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_utf8(content, error.start, file=file)
    source = Source(text.removeprefix(BYTE_ORDER_MARK), file=file)
    found = FORBIDDEN.search(source.text)
    return source if found is None else _forbidden(source, found)


def _not_utf8(content: bytes, index: int, *, file: str) -> Problem:
    before = Source(content[:index].decode("utf-8"), file=file)
    message = f"byte {index + 1} of the file, 0x{content[index]:02x}, is not UTF-8"
    looks = " (it looks like UTF-16)" if content[:2] in UTF_16 else ""
    return Problem(before.place(index), "not-utf-8", message, f"save the file as UTF-8{looks}")


def _forbidden(source: Source, found: re.Match[str]) -> Problem:
    name = f"U+{ord(found[0]):04X}"
    message = f"the invisible character {name} stands here"
    hint = f'remove it; where it is meant, write "\\u{ord(found[0]):04x}" in double quotes'
    hint = "remove it" if found[0] == "\0" else hint
    return Problem(source.place(found.start()), "control-character", message, hint)
