"""The text of an expression, made ready for the parser; every character keeps its place.

Strings are found here, so that the hints for what other languages write, and the bans on
characters, look only at what stands outside of them.
"""

import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

LONGEST = 2_000
STRING = re.compile(
    r"(?P<prefix>\b[A-Za-z]{1,2})?(?P<quote>[\"'])"
    r"(?:\\[^\n]|(?!(?P=quote))[^\\\n])*(?P<end>(?P=quote))?"
)
PREFIXES = frozenset({"f", "b", "u", "t", "rb", "br", "rf", "fr", "tr", "rt"})
FIELD = re.compile(r"(?P<before>[A-Za-z_]\w*|[\])])\s*\.\s*(?P<name>[A-Za-z_]\w*)")
CURLY = frozenset("\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What is wrong at a character of an expression."""

    offset: int
    code: str
    message: str
    hint: str = ""


class Refused(Exception):
    """The text cannot be parsed at all; carries the one mistake that says why."""

    def __init__(self, mistake: Mistake) -> None:
        """Keep the mistake."""
        self.mistake = mistake
        super().__init__(mistake.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An expression ready to parse: `code` is as long as the author's text, `skipped` aside.

    `outside` is the code with strings blanked out. `fields` has, by their offset, the fields
    whose names are words of Python; in `code` they stand in capitals.
    """

    text: str
    code: str
    outside: str
    skipped: int
    fields: Mapping[int, str] = field(default_factory=dict)


def refuse(offset: int, code: str, message: str, hint: str = "") -> Refused:
    """Return the refusal to raise."""
    return Refused(Mistake(offset=offset, code=code, message=message, hint=hint))


def read_source(text: str) -> Source:
    """Make a text ready for the parser. Raises Refused."""
    _check_characters(text)
    skipped = len(text) - len(text.lstrip())
    spans = list(_strings(text))
    outside = _blanked(text, spans)
    _check_outside(outside)
    code = _spaced(text, outside)
    fields = dict(_keyword_fields(outside))
    for offset, name in fields.items():
        code = code[:offset] + name.upper() + code[offset + len(name) :]
    return Source(text=text, code=code[skipped:], outside=outside, skipped=skipped, fields=fields)


def _check_characters(text: str) -> None:
    if not text.strip():
        raise refuse(0, "syntax", "there is no expression here")
    if len(text) > LONGEST:
        message = f"an expression of {len(text)} characters is too long"
        raise refuse(0, "too-long", message, f"at most {LONGEST} are possible: name parts of it")
    for offset, character in enumerate(text):
        if (character < " " and character not in "\t\r\n") or "\ud800" <= character <= "\udfff":
            raise refuse(offset, "syntax", "there is a character here that cannot be seen")


def _strings(text: str) -> Iterator[tuple[int, int]]:
    """Give where strings begin and end, quotes included."""
    position = 0
    while found := STRING.search(text, position):
        start, position = found.start("quote"), found.end()
        prefix = found["prefix"] or ""
        if prefix.lower() in PREFIXES:
            message = f"`{prefix}` before quotes is not possible"
            raise refuse(found.start(), "not-allowed", message, "join texts with `+`")
        if text[start : start + 3] in ('"""', "'''"):
            raise refuse(start, "not-allowed", "a text has one quote at each end")
        if found["end"] is None:
            raise refuse(start, "syntax", "the text that begins here has no closing quote")
        if "${" in found[0]:
            raise _braces(start + text[start:].index("${"))
        yield start, position


def _braces(offset: int) -> Refused:
    hint = "write the name bare, `params.branch`; join texts with `+`"
    return refuse(offset, "syntax", "`${…}` does not stand in an expression", hint)


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    """Return the text with `_` for each character of a string."""
    for start, end in spans:
        text = text[:start] + "_" * (end - start) + text[end:]
    return text


def _check_outside(outside: str) -> None:
    for offset, character in enumerate(outside):
        if outside.startswith("${", offset):
            raise _braces(offset)
        if character == "#":
            raise refuse(offset, "syntax", "a comment does not stand in an expression")
        if not character.isascii():
            hint = "write plain quotes" if character in CURLY else "put it in quotes"
            raise refuse(offset, "not-allowed", f"`{character}` does not stand here", hint)


def _spaced(text: str, outside: str) -> str:
    """Return the text on one line: white space outside of strings is spaces."""
    return "".join(
        " " if plain in "\t\r\n" else character
        for character, plain in zip(text, outside, strict=True)
    )


def _keyword_fields(outside: str) -> Iterator[tuple[int, str]]:
    """Give the fields that are words of Python, `params.from`, with their offsets."""
    position = 0
    while found := FIELD.search(outside, position):
        if keyword.iskeyword(found["name"]) and not keyword.iskeyword(found["before"]):
            yield found.start("name"), found["name"]
        position = found.start("name")
