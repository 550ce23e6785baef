"""What YAML's own parser stumbles over, in words of the author's text.

Mostly it is an expression or a sentence that YAML takes for its own signs: then the hint shows
the value in quotes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from bylaw.base.place import Place
from bylaw.base.problem import Problem
from bylaw.load.source import Source
from bylaw.load.trap import is_secret, quoted, shown
from bylaw.load.tree import Tree

ENTRY = re.compile(
    r"^(?P<lead>[ ]*(?:- +)*)(?P<key>[\w.$-]+|\"[^\"]*\"|'[^']*'):(?: +(?P<value>.*?))?[ ]*$"
)
ITEM = re.compile(r"^(?P<lead>[ ]*(?:- +)+)(?P<value>.*?)[ ]*$")
GLUED = re.compile(r"^[ ]*(?:- +)*(?P<key>[A-Za-z][\w.-]*):(?P<value>[^\s:].*)$")
OPENERS = {"{": "}", "[": "]"}
GENERAL_HINT = "quote a value that has signs of YAML in it, or write it below `key: >-`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stumble:
    """Where YAML gave up: its own words, the place, and where what it was reading began."""

    source: Source
    tree: Tree
    doing: str
    said: str
    place: Place
    began: Place | None

    @property
    def line(self) -> str:
        """Return the line it happened on."""
        return self.source.line(self.place.line)

    @property
    def sign(self) -> str:
        """Return the character it happened at; nothing at the end of a line."""
        return self.source.sign(self.place)

    def problem(self, message: str, hint: str, *, place: Place | None = None) -> Problem:
        """Make a problem of it."""
        return Problem(place or self.place, "yaml", message, hint)


def syntax_problem(error: Exception, source: Source, tree: Tree) -> Problem:
    """Return the problem behind an error of YAML's parser."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Problem(
            source.place(tree.index), "yaml", "this cannot be read as YAML", GENERAL_HINT
        )
    stumble = Stumble(
        source=source,
        tree=tree,
        doing=error.context or "",
        said=error.problem or "",
        place=tree.place(error.problem_mark),
        began=tree.place(error.context_mark) if error.context_mark else None,
    )
    for begins, explain in EXPLANATIONS:
        if begins in f"{stumble.doing}: {stumble.said}":
            return explain(stumble)
    return stumble.problem("this cannot be read as YAML", _quote_hint(stumble))


def _quote_hint(stumble: Stumble, line: int | None = None) -> str:
    """Show the value of a line in quotes, as far as the line tells what the value is."""
    text = stumble.source.line(line or stumble.place.line)
    entry = ENTRY.match(text)
    if entry and entry["value"]:
        key = entry["key"]
        if entry["value"][0] not in OPENERS:
            return _whole_value(entry)
        return f"quote what needs it, or write the entries on lines of their own below `{key}:`"
    item = ITEM.match(text)
    if item and item["value"]:
        return f"quote the whole item: {_in_quotes('- ', item['value'])}"
    return GENERAL_HINT


def _whole_value(entry: re.Match[str]) -> str:
    key = entry["key"]
    if is_secret(key):
        return f"quote the whole value of `{key}`"
    shown_value = _in_quotes(f"{key}: ", entry["value"])
    return f"quote the whole value: {shown_value}, or write it below `{key}: >-`"


def _in_quotes(lead: str, value: str) -> str:
    return f"`{lead}{quoted(value)[1:]}"


def _key(stumble: Stumble, line: int | None = None) -> str:
    entry = ENTRY.match(stumble.source.line(line or stumble.place.line))
    return f"the value of `{entry['key']}`" if entry else "the value"


def _no_content(stumble: Stumble) -> Problem:
    """Explain a value that is not there: `[`, `[a,, b]`, `key: }`."""
    opened = [frame.place for frame in stumble.tree.frames if frame.flow]
    if opened and not stumble.sign:
        return _not_closed(stumble, opened[-1])
    if opened and stumble.sign == ",":
        return stumble.problem("a comma stands here without a value before it", "remove it")
    return _cannot_begin(stumble)


def _not_closed(stumble: Stumble, began: Place) -> Problem:
    opener = stumble.source.sign(began)
    message = f"the `{opener}` that opens here is not closed"
    return stumble.problem(message, f"close it with `{OPENERS.get(opener, '}')}`", place=began)


def _cannot_begin(stumble: Stumble) -> Problem:
    place = stumble.began or stumble.place
    sign = stumble.source.sign(place)
    if "\t" in (sign, stumble.sign):
        return _tab(stumble)
    message = f"{_key(stumble, place.line)} cannot begin with {_sign(sign)}"
    return stumble.problem(message, _quote_hint(stumble, place.line), place=place)


def _sign(sign: str) -> str:
    return "a backtick" if sign == "`" else f"`{sign}`"


def _open_quote(stumble: Stumble) -> Problem:
    message = "the quote that opens here is not closed"
    return stumble.problem(message, "close it at the end of the text", place=stumble.began)


def _escape(stumble: Stumble) -> Problem:
    found = re.search(r"\\.?", stumble.line[max(stumble.place.column - 3, 0) :])
    written = found[0] if found else "\\"
    message = f"`{written}` begins no escape that YAML knows"
    hint = "in double quotes a backslash is written twice; in single quotes it is just itself"
    return stumble.problem(message, hint)


def _second_colon(stumble: Stumble) -> Problem:
    number = stumble.place.line
    before = _line_before(stumble)
    glued = GLUED.match(before)
    if glued and stumble.tree.last is not None and not _value_on_line(stumble):
        return _glued(stumble, glued, number - 1)
    if _value_on_line(stumble):
        sign = "`: `" if stumble.line[stumble.place.column : stumble.place.column + 1] else "`:`"
        return stumble.problem(
            f"{_key(stumble)} has {sign} in it, which begins a mapping", _quote_hint(stumble)
        )
    return _indented(stumble)


def _value_on_line(stumble: Stumble) -> bool:
    entry = re.match(r"^[ ]*(?:- +)*[^\s:][^:]*:[ ]+\S", stumble.line)
    return entry is not None and entry.end() <= stumble.place.column


def _line_before(stumble: Stumble) -> str:
    number = stumble.place.line - 1
    while number > 0 and not stumble.source.line(number).strip():
        number -= 1
    return stumble.source.line(number)


def _glued(stumble: Stumble, glued: re.Match[str], line: int) -> Problem:
    place = Place(stumble.place.file, line, glued.end("key") + 1)
    message = f"a space is missing behind the colon of `{glued['key']}`"
    return stumble.problem(
        message, f"write {shown(glued['key'] + ': ' + glued['value'])}", place=place
    )


def _no_colon(stumble: Stumble) -> Problem:
    place = stumble.began or stumble.place
    text = stumble.source.line(place.line)
    glued = GLUED.match(text)
    if glued:
        return _glued(stumble, glued, place.line)
    message = f"{shown(text)} is no `key: value`"
    hint = (
        "write `key: value`; the lines of a long text stand below `key: >-`, deeper than the key"
    )
    return stumble.problem(message, hint, place=place)


def _in_flow(stumble: Stumble) -> Problem:
    """Explain what went wrong inside `{…}` or `[…]`."""
    began = stumble.began or stumble.place
    if began.line != stumble.place.line or not stumble.sign:
        return _not_closed(stumble, began)
    key = _open_key(stumble)
    owner = f"the value of `{key}`" if key else "the text before it"
    closing = _closing(stumble.tree.last)
    if closing:
        return stumble.problem(f"text goes on behind {closing} of {owner}", _flow_hint(key))
    opener = stumble.source.sign(began)
    inside = f"inside `{opener}…{OPENERS.get(opener, '}')}`"
    return stumble.problem(f"`{stumble.sign}` ends {owner} {inside}", _flow_hint(key))


def _closing(last: Any) -> str:
    """Return what ended the value that was read last, if a sign did."""
    if isinstance(last, yaml.ScalarEvent):
        return "the closing quote" if last.style in ("'", '"') else ""
    is_flow = last is not None and last.end_mark.index > last.start_mark.index
    if isinstance(last, yaml.SequenceEndEvent) and is_flow:
        return "the closing `]`"
    return "the closing `}`" if isinstance(last, yaml.MappingEndEvent) and is_flow else ""


def _flow_hint(key: str) -> str:
    if key:
        return f"quote the whole value of `{key}`, or write it on a line of its own"
    return "quote the whole text, or write the list with `- ` on lines of their own"


def _open_key(stumble: Stumble) -> str:
    """Return the key whose value was read last."""
    for frame in reversed(stumble.tree.frames):
        if frame.is_mapping and (frame.key or frame.items):
            return str((frame.key or frame.items[-1][0]).value).replace("`", "'")
        if not frame.is_mapping:
            return ""
    return ""


def _not_a_key(stumble: Stumble) -> Problem:
    """Explain why a line of a block mapping, or what follows a value, is no key."""
    last = stumble.tree.last
    if last is None or stumble.tree.place(last.end_mark).line != stumble.place.line:
        return _indented(stumble)
    if isinstance(last, yaml.AliasEvent):
        place = stumble.tree.place(last.start_mark)
        message = f"{_key(stumble)} cannot begin with `*`"
        return stumble.problem(message, _quote_hint(stumble), place=place)
    closing = _closing(last)
    if not closing:
        return _indented(stumble)
    began = stumble.tree.place(last.start_mark)
    if began.line < stumble.place.line and isinstance(last, yaml.ScalarEvent):
        # The quote that ends it was meant to begin another: the mistake is where it begins.
        hint = "close it there with the same quote"
        return stumble.problem("this quote is not closed on its line", hint, place=began)
    message = f"text goes on behind {closing} of {_key(stumble)}"
    return stumble.problem(message, _behind_hint(stumble, last))


def _behind_hint(stumble: Stumble, last: Any) -> str:
    entry = ENTRY.match(stumble.line)
    end = stumble.tree.place(last.end_mark).column
    if getattr(last, "style", None) == "'" and end == stumble.place.column:
        return "write `''` for a quote inside single quotes, or use double quotes"
    return _whole_value(entry) if entry and entry["value"] else _quote_hint(stumble)


def _indented(stumble: Stumble) -> Problem:
    if stumble.line.lstrip().startswith(": "):
        return stumble.problem("a key is missing before the `:`", "write `key: value`")
    message = f"{shown(stumble.line)} is indented unlike the lines before it"
    hint = (
        "keys of one mapping begin in one column; what belongs to a key stands deeper than the key"
    )
    return stumble.problem(message, hint)


def _list_on_line(stumble: Stumble) -> Problem:
    message = "a list with `- ` cannot begin on the line of its key"
    return stumble.problem(
        message, "begin it on the next line, or write `[a, b]`; quote a text that begins with `- `"
    )


def _mixed(stumble: Stumble) -> Problem:
    message = f"{shown(stumble.line)} is no item of the list before it"
    return stumble.problem(
        message, "items begin with `- `; a key of the mapping around the list stands left of them"
    )


def _after_end(stumble: Stumble) -> Problem:
    message = f"{shown(stumble.line)} stands behind the end of the document"
    return stumble.problem(message, "begin another document with `---`")


def _tab(stumble: Stumble) -> Problem:
    message = "a tab stands where YAML wants spaces"
    return Problem(stumble.place, "tab", message, "indent with spaces")


def _directive(stumble: Stumble) -> Problem:
    message = "a line cannot begin with `%`"
    return stumble.problem(message, "quote the text it belongs to", place=stumble.began)


def _colon_in_flow(stumble: Stumble) -> Problem:
    message = "a `:` inside `{…}` or `[…]` wants a space behind it"
    return stumble.problem(message, "write `key: value`; quote a text with a colon in it")


def _marker(stumble: Stumble) -> Problem:
    return stumble.problem("`? ` cannot begin a value", _quote_hint(stumble))


Explain = Callable[[Stumble], Problem]
EXPLANATIONS: tuple[tuple[str, Explain], ...] = (
    ("cannot start any token", _cannot_begin),
    ("scanning an alias", _cannot_begin),
    ("scanning an anchor", _cannot_begin),
    ("scanning a block scalar", _cannot_begin),
    ("scanning a tag", _cannot_begin),
    ("parsing a tag", _cannot_begin),
    ("undefined tag handle", _cannot_begin),
    ("tab character", _tab),
    (" directive: ", _directive),
    ("found unexpected ':'", _colon_in_flow),
    ("expected node content", _no_content),
    ("unexpected end of stream", _open_quote),
    ("unexpected document indicator", _open_quote),
    ("a quoted scalar", _escape),
    ("mapping values are not allowed", _second_colon),
    ("mapping keys are not allowed", _marker),
    ("could not find expected ':'", _no_colon),
    ("block sequence entries", _list_on_line),
    ("expected '-' indicator", _mixed),
    ("expected <document start>", _after_end),
    ("a flow ", _in_flow),
    ("expected key", _not_a_key),
)
