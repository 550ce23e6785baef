"""What goes wrong while an expression is evaluated, in an author's words."""

from bylaw.base.plain import Plain, name_of_type

SHOWN = 120


class Failure(Exception):
    """A step of an evaluation that cannot be done; the text says why. Never leaves `expr`."""


# All that evaluating a checked expression over plain values can raise.
FAILURES = (
    Failure,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)


def needs(what: str, value: Plain) -> Failure:
    """Return the failure that something else than this value is needed."""
    return Failure(f"{what} is needed, not {name_of_type(value)}")


def reason(error: BaseException) -> str:
    """Return why it could not be done."""
    if isinstance(error, Failure):
        return str(error)
    if isinstance(error, ZeroDivisionError):
        return "nothing can be divided by zero"
    if isinstance(error, ArithmeticError | RecursionError | MemoryError):
        return "this is too large"
    return "these values do not fit"


def shown(text: str) -> str:
    """Return the text of an author, cut where it is long."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
