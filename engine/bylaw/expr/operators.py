"""The operators of the language: what each is written as, and what it does."""

import ast
import operator
from collections.abc import Callable, Mapping

from bylaw.base.plain import Plain, name_of_type
from bylaw.expr import number
from bylaw.expr.failure import Failure
from bylaw.expr.kind import Kind, kind_of_value

Comparing = Callable[[Plain, Plain], bool]

COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
FORMS: Mapping[str, type[ast.cmpop]] = {sign: form for form, sign in COMPARISONS.items()}
_PAIRS = (("==", "!="), ("in", "not in"), ("<", ">="), (">", "<="))
OPPOSITE: Mapping[str, str] = dict(_PAIRS) | {other: sign for sign, other in _PAIRS}
ORDER = frozenset({"<", "<=", ">", ">="})

COMPARE: Mapping[str, Comparing] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda item, where: item in where,
    "not in": lambda item, where: item not in where,
}

ARITHMETIC: Mapping[type[ast.operator], Callable[[Plain, Plain], Plain]] = {
    ast.Add: number.add,
    ast.Sub: number.subtract,
    ast.Mult: number.multiply,
    ast.Div: number.divide,
    ast.FloorDiv: number.floor_divide,
    ast.Mod: number.modulo,
}


def compare(sign: str, left: Plain, right: Plain) -> bool:
    """Compare two values. Raises Failure where they cannot be compared."""
    try:
        return COMPARE[sign](left, right)
    except TypeError as error:
        raise _unfit(sign, left, right) from error


def _unfit(sign: str, left: Plain, right: Plain) -> Failure:
    if sign in ORDER and _named(left) == _named(right):
        return Failure("what is in them has no order")
    if sign in ORDER:
        return Failure(f"{_named(left)} and {_named(right)} have no order")
    if isinstance(right, str):
        return Failure(f"{_named(left)} cannot stand in a text")
    return Failure(f"nothing can stand in {_named(right)}")


def _named(value: Plain) -> str:
    return "a moment" if kind_of_value(value) is Kind.MOMENT else name_of_type(value)
