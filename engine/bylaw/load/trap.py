"""What YAML allows and an author did not mean, or should not use: the wording of each refusal."""

import re

from bylaw.base.place import Place
from bylaw.base.problem import Problem
from bylaw.load.limits import MAX_KEY_LENGTH
from bylaw.load.source import Source

# Values of these keys are sentences, so ` #12` in them was not meant as a comment.
PROSE = frozenset(
    {"advice", "description", "instead", "message", "message_user", "principles", "say"}
    | {"text", "title", "why"}
)
COMMENT = re.compile(r" #(?=\S)(?P<number>\d?)[^\r\n]*")
# A token of an actor, a URL with a password in it, a name under `secrets`.
SECRET = re.compile(r"token|secret|password|url|\A[A-Z][A-Z0-9_]*\Z")
YAML_TAG = "tag:yaml.org,2002:"
LONGEST_SHOWN = 40
# A longer value is not written out in a hint.
LONGEST_WRITTEN = 300


def is_secret(key: str) -> bool:
    """Say whether the value of a key is not for messages and logs."""
    return SECRET.search(key) is not None


def shown(text: str) -> str:
    """Return a text of the author as messages quote it: one line, not too long, in backticks."""
    line = " ".join(text.split()).replace("`", "'")
    return f"`{line}`" if len(line) <= LONGEST_SHOWN else f"`{line[: LONGEST_SHOWN - 1]}…`"


def tag_problem(tag: str, text: str, *, place: Place) -> Problem:
    """Refuse a tag; most were meant as `not`."""
    written = f"!!{tag.removeprefix(YAML_TAG)}" if tag.startswith(YAML_TAG) else tag
    if tag.startswith("!") and not tag.startswith("!!"):
        condition = " ".join(f"{tag[1:]} {text}".split())
        hint = (
            f"write {shown('not ' + condition)}; a text that begins with `!` is quoted as a whole"
        )
        return Problem(place, "tag", f"YAML takes {shown(written)} for a tag and drops it", hint)
    message = f"the tag {shown(written)} is not allowed"
    return Problem(place, "tag", message, "remove it; a value is what it looks like")


def comment_problem(source: Source, end: int, *, text: str, key: str) -> Problem | None:
    """Refuse a comment that was surely part of the sentence before it.

    `end` is the index behind the plain text, `key` the key it is the value of.
    """
    found = COMMENT.match(source.text, end)
    if found is None or not (found["number"] or key in PROSE):
        return None
    space = "a comment is written with a space behind the `#`"
    if is_secret(key) or len(text) + len(found[0]) > LONGEST_WRITTEN:
        message = f"the value of `{key}` is cut off by ` #`"
        return Problem(source.place(end + 1), "cut-comment", message, f"quote it; {space}")
    message = f"{shown(found[0].lstrip())} is a comment here and cuts the text off"
    hint = f"quote the whole value: {quoted(text + found[0])}; {space}"
    return Problem(source.place(end + 1), "cut-comment", message, hint)


def quoted(text: str) -> str:
    """Return the text as it is written in quotes in YAML, in backticks for a hint."""
    if '"' in text or "\\" in text:
        escaped = text.replace("'", "''")
        return f"`'{escaped}'`"
    return f'`"{text}"`'


def key_problem(text: str, style: str | None, *, place: Place) -> Problem | None:
    """Refuse a key that is empty, too long, or merges another mapping in."""
    if text == "<<" and not style:
        message = "merge keys (`<<`) are not allowed"
        return Problem(
            place, "merge-key", message, "write the keys out, or use an anchor for a whole value"
        )
    if not text:
        return Problem(place, "key", "a key is missing before the `:`", "write `key: value`")
    if len(text) > MAX_KEY_LENGTH:
        message = f"the key {shown(text)} has {len(text)} characters, more than {MAX_KEY_LENGTH}"
        return Problem(place, "too-long", message, "a long text is a value, not a key")
    return None


def stray_problem(text: str, place: Place, *, before: str | None) -> Problem:
    """Refuse a piece of a value that a comma inside `{…}` or `[…]` made an entry of its own."""
    message = f"{shown(text)} stands alone inside `{{…}}`: the comma before it ended the value"
    if before is None:
        return Problem(
            place, "flow", f"{shown(text)} has no value", f"write {shown(text + ': …')}"
        )
    hint = f"quote the whole value of `{before}`, or write it on a line of its own"
    return Problem(place, "flow", message, hint)


def split_problem(text: str, place: Place) -> Problem:
    """Refuse an item of `[…]` that a comma between parentheses cut in two."""
    message = f"{shown(text)} ends at the comma, inside its parentheses"
    return Problem(
        place,
        "flow",
        message,
        "quote the whole item, or write the list with `- ` on lines of their own",
    )
