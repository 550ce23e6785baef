"""What other languages write, and what to write here instead."""

import re
from collections.abc import Mapping

from bylaw.expr.kind import Kind
from bylaw.expr.names import LIST
from bylaw.expr.tree import Node, Read, kind_of

# What stands outside of strings, in the order in which it is looked for.
FOREIGN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), hint)
    for pattern, hint in (
        (r"===", "write `==`"),
        (r"!==", "write `!=`"),
        (r"&&", "write `and`"),
        (r"\|\|", "write `or`"),
        (r"!(?!=)", "write `not x`"),
        (r"<>", "write `!=`"),
        (r"=>", "write `>=`, or `any(… for x in list)`"),
        (r"\?", "write `a if condition else b`"),
        (r"\bAND\b", "write `and`"),
        (r"\bOR\b", "write `or`"),
        (r"\bNOT\b", "write `not`"),
        (r"`", "put texts in quotes"),
        (r"(?<![=!<>:])=(?!=)", "write `==` to compare"),
        (r"\b(?:contains|includes)\b", "write `x in list`"),
    )
)

METHODS: Mapping[str, str] = {
    **dict.fromkeys(("lower", "toLowerCase", "lowerCase", "casefold"), "lower({0})"),
    **dict.fromkeys(("upper", "toUpperCase"), "upper({0})"),
    **dict.fromkeys(("strip", "trim"), "trim({0})"),
    **dict.fromkeys(("startswith", "startsWith", "starts_with"), "starts_with({0}, …)"),
    **dict.fromkeys(("endswith", "endsWith", "ends_with"), "ends_with({0}, …)"),
    **dict.fromkeys(("includes", "contains", "indexOf", "find"), "… in {0}"),
    **dict.fromkeys(("get", "has", "hasOwnProperty"), "{0}.field` or `has({0}.field)"),
    **dict.fromkeys(("length", "size", "count"), "len({0})"),
    **dict.fromkeys(("match", "matches", "test", "search"), "matches({0}, …)"),
    **dict.fromkeys(("append", "push", "concat"), "append({0}, …)"),
    **dict.fromkeys(("some",), "any(… for x in {0})"),
    **dict.fromkeys(("every",), "all(… for x in {0})"),
    "split": "split({0}, …)",
    "join": "join({0}, …)",
}

NAMES: Mapping[str, str] = {
    "undefined": "write `has(params.x)` to ask whether it is there",
    **dict.fromkeys(("nil", "none"), "write `null`"),
    **dict.fromkeys(("yes", "on"), "write `true`"),
    **dict.fromkeys(("no", "off"), "write `false`"),
}

OPERATORS: Mapping[str, str] = {
    "Pow": "multiply instead of `**`",
    "BitAnd": "write `and`",
    "BitOr": "write `or`",
    "Invert": "write `not`",
    "UAdd": "leave the `+` out",
}

FORMS: Mapping[str, tuple[str, str]] = {
    "Lambda": ("a function of its own", ""),
    "NamedExpr": ("an assignment", "write `==` to compare"),
    "ListComp": ("a comprehension", "only `any(… for x in list)` and `all(…)` can go over lists"),
    "SetComp": ("a comprehension", "only `any(… for x in list)` and `all(…)` can go over lists"),
    "DictComp": ("a comprehension", "only `any(… for x in list)` and `all(…)` can go over lists"),
    "GeneratorExp": ("`for`", "it stands alone in `any(…)` or `all(…)`"),
    "Set": ("a set", "write a list: `[…]`"),
    "Starred": ("`*` before a value", ""),
    "Slice": ("`:`", "it stands alone in `[…]`"),
}


def foreign(outside: str) -> tuple[int, str, str] | None:
    """Return offset, text and hint of the first thing that another language writes."""
    seen = ((pattern.search(outside), hint) for pattern, hint in FOREIGN)
    found = [(match.start(), match[0], hint) for match, hint in seen if match is not None]
    return min(found, key=lambda one: (one[0], -len(one[1]))) if found else None


def method(name: str, of: str) -> str:
    """Return the hint for a call `of.name(…)`."""
    written = METHODS.get(name)
    return f"write `{written.format(of)}`" if written else "functions stand alone: `len(x)`"


def of_list(left: Node, sign: str, right: Node) -> str:
    """Return the hint for a list that is compared with one number or text, or nothing."""
    for one, other in ((left, right), (right, left)):
        if not isinstance(one, Read) or one.below is not LIST:
            continue
        if kind_of(other) is Kind.TEXT:
            return f"write `{other.text} {'not in' if sign == '!=' else 'in'} {one.text}`"
        if kind_of(other) is Kind.NUMBER:
            count = f"len({one.text})"
            words = (count, sign, other.text) if one is left else (other.text, sign, count)
            return f"write `{' '.join(words)}`"
    return ""
