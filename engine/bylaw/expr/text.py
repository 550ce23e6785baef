"""Functions over texts, and the text of any value."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import re2

from bylaw.base.glob import closed, path_pattern
from bylaw.base.plain import Plain
from bylaw.expr.failure import Failure, needs
from bylaw.expr.number import LONGEST_LIST, LONGEST_TEXT

SAFE_WORD = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
BACKSPACE = "\x08"


def string(value: Plain) -> str:
    """Return the value if it is a text. Raises Failure."""
    if not isinstance(value, str):
        raise needs("a text", value)
    return value


def moment_text(value: datetime) -> str:
    """Return a moment as `2026-11-20T10:00:00Z`."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain_of(value: Plain) -> Plain:
    """Return a copy that JSON can say: moments as texts, sets and tuples as lists."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {key: plain_of(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain_of(one) for one in value]
    if isinstance(value, frozenset | set):
        return sorted(map(plain_of, value))
    if isinstance(value, datetime):
        return moment_text(value)
    raise Failure("this value cannot be written down")


def text_of(value: Plain) -> str:
    """Return a value as it stands in a text: `null`, `true`, `3`, `["a"]`, a moment in UTC."""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return moment_text(value)
    return json.dumps(plain_of(value), ensure_ascii=False, separators=(",", ":"))


def quoted(value: Plain) -> str:
    """Return a constant as an author writes it."""
    return json.dumps(plain_of(value), ensure_ascii=False)


def lower(text: Plain) -> Plain:
    """Return the text in lower case."""
    return string(text).lower()


def upper(text: Plain) -> Plain:
    """Return the text in upper case."""
    return string(text).upper()


def trim(text: Plain) -> Plain:
    """Return the text without white space around it."""
    return string(text).strip()


def starts_with(text: Plain, start: Plain) -> bool:
    """Say whether the text begins so."""
    return string(text).startswith(string(start))


def ends_with(text: Plain, end: Plain) -> bool:
    """Say whether the text ends so."""
    return string(text).endswith(string(end))


def split(text: Plain, separator: Plain) -> Plain:
    """Return the parts of the text between the separators."""
    if not separator:
        raise Failure("a separator is needed")
    parts = string(text).split(string(separator), LONGEST_LIST)
    if len(parts) > LONGEST_LIST:
        raise Failure(f"there are more than {LONGEST_LIST} parts")
    return parts


def join(values: Plain, separator: Plain = ", ") -> Plain:
    """Return the texts of the items, with the separator between them."""
    if not isinstance(values, list | tuple):
        raise needs("a list", values)
    joined = string(separator).join(map(text_of, values))
    if len(joined) > LONGEST_TEXT:
        raise Failure(f"the text is longer than {LONGEST_TEXT}")
    return joined


def quote(value: Plain) -> Plain:
    """Return the value as one word of a shell's command line."""
    text = text_of(value)
    if "\0" in text:
        raise Failure("no command line can contain a NUL")
    if SAFE_WORD.fullmatch(text):
        return text
    return "'" + text.replace("'", "'\"'\"'") + "'"


def regex_test(pattern: Plain) -> Callable[[Plain], bool]:
    """Return the test for a pattern anywhere in a text, in linear time. Raises Failure."""
    if BACKSPACE in string(pattern):
        raise Failure(r"`\b` in quotes is a backspace: write `r` before the quotes, or `\\b`")
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    try:
        search = re2.compile(pattern, options=options).search
    except (re2.error, UnicodeError) as error:
        raise Failure(_why(error)) from error
    return lambda text: search(string(text)) is not None


def _why(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)


def matches(text: Plain, pattern: Plain) -> bool:
    """Say whether the pattern is found anywhere in the text."""
    return regex_test(pattern)(text)


def glob_test(patterns: Plain) -> Callable[[Plain], bool]:
    """Return the test whether a path fits one of these globs."""
    if not isinstance(patterns, list | tuple):
        raise needs("a list", patterns)
    found = path_pattern(tuple(map(string, patterns))).match
    return lambda path: found(closed(string(path))) is not None


def one_glob_test(pattern: Plain) -> Callable[[Plain], bool]:
    """Return the test whether a path fits this glob."""
    return glob_test((string(pattern),))


def glob(path: Plain, pattern: Plain) -> bool:
    """Say whether the path fits the glob."""
    return one_glob_test(pattern)(path)


def glob_any(path: Plain, patterns: Plain) -> bool:
    """Say whether the path fits one of the globs."""
    return glob_test(patterns)(path)
