"""Kleene's three truths: true, false, and not known."""

from bylaw.model.condition import Truth, Unresolved

NOT_A_TRUTH = Unresolved(errors=("a condition is neither true nor false",))


def both(one: Truth, other: Truth) -> Truth:
    """Return whether both hold; one that is false decides, whatever the other is."""
    if one is False or other is False:
        return False
    if one is True:
        return settled(other)
    return one if other is True else joined(one, other)


def either(one: Truth, other: Truth) -> Truth:
    """Return whether one of them holds; one that is true decides, whatever the other is."""
    if one is True or other is True:
        return True
    if one is False:
        return settled(other)
    return one if other is False else joined(one, other)


def settled(truth: object) -> Truth:
    """Return a truth; anything else, such as a number, is not known."""
    if isinstance(truth, bool | Unresolved):
        return truth
    return NOT_A_TRUTH


def joined(one: Truth, other: Truth) -> Unresolved:
    """Return what is not known of two, each name once."""
    parts = [part if isinstance(part, Unresolved) else Unresolved() for part in (one, other)]
    return Unresolved(
        missing=tuple(dict.fromkeys(name for part in parts for name in part.missing)),
        errors=tuple(dict.fromkeys(text for part in parts for text in part.errors)),
    )
