"""Values as callers send them: read from JSON text, bounded, and brought to an argument's kind."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bylaw.base.plain import Plain, name_of_type
from bylaw.services.tools import WORDS, Argument, Kind

DEEPEST = 40
WHOLE = re.compile(r"-?[0-9]{1,16}\Z")
NUMBER = re.compile(r"-?[0-9]{1,16}(?:\.[0-9]{1,32})?(?:[eE][-+]?[0-9]{1,3})?\Z")
FLAGS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What is wrong with one argument, and what to send; `argument` is as the caller wrote it."""

    argument: str
    message: str
    hint: str = ""
    missing: bool = False
    expected: str = ""
    error: str = "bad-params"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A value of the right kind. `blank` says that nothing was sent in it."""

    value: Plain
    repaired: str = ""
    blank: bool = False


MOST_DIGITS = 1000
# What stands beside each other in one call, and the longest name of an action or argument.
MOST_ARGUMENTS = 200
LONGEST_NAME = 200
# Values in one text; a call with more is no call, and would hold up everybody else.
MOST_VALUES = 20_000
# One that is not closed goes to the end: so every byte is looked at once.
TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)


def once(pairs: list[tuple[str, Plain]]) -> dict[str, Plain]:
    """Return the object, unless a key stands twice: one of the two would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        counted = Counter(key for key, _ in pairs)
        twice = next(key for key, count in counted.items() if count > 1)
        raise ValueError(f"`{speakable(twice)}` stands twice")
    return found


def refuse_constant(word: str) -> Plain:
    """Refuse NaN and the infinities, which JSON does not have."""
    raise ValueError(f"`{word}` is not a JSON number")


def whole_number(digits: str) -> int:
    """Return a whole number; one that nobody can have meant is refused."""
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number has more than {MOST_DIGITS} digits")
    return int(digits)


DECODER = json.JSONDecoder(
    object_pairs_hook=once, parse_constant=refuse_constant, parse_int=whole_number
)


def read_json(text: str | bytes) -> Plain:
    """Return what a JSON text says; a key that stands twice and NaN are refused.

    Raises:
        ValueError: it is not JSON, too deep or of too many values; the message can be shown to
            the caller.
    """
    content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if most_values_of(content) > MOST_VALUES:
        raise ValueError(f"it has more than {MOST_VALUES:,} values")
    try:
        return DECODER.decode(text if isinstance(text, str) else text.decode())
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno} column {error.colno}: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise ValueError("the text is not UTF-8") from error
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def most_values_of(content: bytes) -> int:
    """Return how many values a JSON text has at most; the signs in its texts count for nothing."""
    most = signs_of(content)
    return most if most <= MOST_VALUES else signs_of(TEXT.sub(b"", content))


def signs_of(content: bytes) -> int:
    """Return how many values the signs of JSON may part."""
    return content.count(b",") + content.count(b"[") + content.count(b"{")


def as_record(value: Plain) -> Mapping[str, Plain] | None:
    """Return an object, also one that came as JSON text, or nothing."""
    if isinstance(value, str):
        value = record_in(value)
    return value if isinstance(value, dict) else None


def record_in(text: str) -> Plain:
    """Return the object that a JSON text says, or nothing if it says none that can be used."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = read_json(text)
    except ValueError:
        return None
    return value if usable(value) else None


def usable(value: Plain, depth: int = DEEPEST) -> bool:
    """Say whether a value can be stored and sent again, with everything in it."""
    if isinstance(value, str):
        return sound(value)
    if isinstance(value, dict):
        return depth > 0 and all(map(sound, value)) and all_usable(value.values(), depth - 1)
    if isinstance(value, list | tuple):
        return depth > 0 and all_usable(value, depth - 1)
    return sound(value)


def all_usable(values: Iterable[Plain], depth: int) -> bool:
    """Say whether each of the values can be stored and sent again."""
    return all(usable(value, depth) for value in values)


def unfit(arguments: Mapping[str, Plain]) -> Mistake | None:
    """Return what makes arguments unusable: their names, depth, NUL, half characters, NaN."""
    if len(arguments) > MOST_ARGUMENTS or any(len(name) > LONGEST_NAME for name in arguments):
        message = f"more than {MOST_ARGUMENTS} arguments, or a name of more than {LONGEST_NAME}"
        return Mistake(argument="", message=f"{message} characters, are not taken")
    if usable(arguments):
        return None
    name, value = next((key, one) for key, one in arguments.items() if not usable({key: one}))
    said = speakable(name)
    if too_deep([value]):
        message = f"`{said}` is nested more than {DEEPEST} levels deep"
        return Mistake(argument=said, message=message, error="too-large")
    return Mistake(
        argument=said,
        message=f"`{said}` holds a value that cannot be stored",
        hint="send Unicode text without NUL, and finite numbers",
    )


def too_deep(level: list[Plain], most: int = DEEPEST) -> bool:
    """Say whether values are nested deeper than so many levels."""
    for _ in range(most):
        level = [child for value in level for child in children(value)]
    return bool(level)


def children(value: Plain) -> list[Plain]:
    """Return what stands inside a value."""
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else []


def speakable(key: Plain) -> str:
    """Return a key as a message may show it."""
    return str(key)[:80].encode("utf-8", "replace").decode().replace("\0", "?")


def sound(value: Plain) -> bool:
    """Say whether a scalar can be stored and sent again; what is in a container comes later."""
    if isinstance(value, str):
        return "\0" not in value and (value.isascii() or is_unicode(value))
    return not isinstance(value, float) or math.isfinite(value)


def is_unicode(text: str) -> bool:
    """Say whether a text can be written as UTF-8: no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def fitted(argument: Argument, value: Plain) -> Fitted | Mistake:
    """Bring a value to the argument's kind and bounds; only its form is repaired."""
    if argument.kind in (Kind.TEXT, Kind.OBJECT) and isinstance(value, str) and not value.strip():
        said = "" if argument.required else f"`{argument.name}` was empty and left out"
        return Fitted(value=None, repaired=said, blank=True)
    read = of_kind(argument.kind, value)
    if read is None and argument.kind is not Kind.ANY:
        found = f"`{argument.name}` is {name_of_type(value)}"
        return wrong(argument, f"{found} and must be {WORDS[argument.kind]}")
    outside = out_of_bounds(argument, read)
    if outside:
        return wrong(argument, f"`{argument.name}` {outside}")
    said = "" if read is value else repair(argument, value)
    return Fitted(value=read, repaired=said)


def is_plain(argument: Argument, value: Plain) -> bool:
    """Say whether a value is in the argument's kind and bounds as it came."""
    kind = argument.kind
    if kind is Kind.TEXT:
        return (
            type(value) is str
            and value.strip() != ""
            and not argument.choices
            and (argument.most is None or len(value) <= argument.most)
        )
    if kind is Kind.FLAG:
        return type(value) is bool
    return kind is Kind.OBJECT and type(value) is dict


def wrong(argument: Argument, message: str) -> Mistake:
    """Return a mistake that says what the argument takes."""
    hint = argument.about
    return Mistake(
        argument=argument.name, message=message, hint=hint, expected=WORDS[argument.kind]
    )


def repair(argument: Argument, value: Plain) -> str:
    """Say in which form a value came, if it was not the argument's own."""
    form = "JSON text" if argument.kind is Kind.OBJECT else name_of_type(value)
    return f"`{argument.name}` was {form} and read as {WORDS[argument.kind]}"


def of_kind(kind: Kind, value: Plain) -> Plain:
    """Return the value in the kind, or nothing if it does not say one."""
    match kind:
        case Kind.TEXT:
            return text_of(value)
        case Kind.OBJECT:
            return as_record(value)
        case Kind.WHOLE:
            return whole_of(value)
        case Kind.NUMBER:
            return number_of(value)
        case Kind.FLAG:
            return value if isinstance(value, bool) else FLAGS.get(str(value).strip().lower())
        case Kind.ANY:
            return value


def text_of(value: Plain) -> str | None:
    """Return a text; a whole number is taken as its digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**16 else None
    return value if isinstance(value, str) else None


def whole_of(value: Plain) -> int | None:
    """Return a whole number, also one that came as text or as `20.0`."""
    if isinstance(value, str):
        return int(value) if WHOLE.match(value.strip()) else None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number_of(value: Plain) -> float | None:
    """Return a number, also one that came as text."""
    if isinstance(value, str):
        return float(value) if NUMBER.match(value.strip()) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def out_of_bounds(argument: Argument, value: Plain) -> str:
    """Say what is beyond the argument's bounds, or nothing."""
    if isinstance(value, str) and argument.kind is Kind.TEXT:
        if argument.choices and value not in argument.choices:
            return f"is one of {', '.join(f'`{choice}`' for choice in argument.choices)}"
        if argument.most is not None and len(value) > argument.most:
            return f"has {len(value)} characters; at most {argument.most} are taken"
    if argument.kind not in (Kind.WHOLE, Kind.NUMBER):
        return ""
    if argument.least is not None and value < argument.least:
        return f"is at least {argument.least}"
    if argument.most is not None and value > argument.most:
        return f"is at most {argument.most}"
    return ""
