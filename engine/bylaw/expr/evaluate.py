"""The careful evaluator: Kleene's truth over the clauses of a checked tree.

It is slower than the compiled form and is asked where that one meets an error, and for
explanations. Nothing here raises: what cannot be told is `Unresolved`, with what was missing
and what went wrong. The order of clauses never matters.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bylaw.base.plain import Plain, name_of_type
from bylaw.expr.failure import FAILURES, Failure, reason, shown
from bylaw.expr.operators import compare
from bylaw.expr.tree import (
    Active,
    Both,
    Bound,
    Call,
    Choice,
    Comparison,
    Constant,
    Either,
    Has,
    Item,
    Listing,
    Node,
    Not,
    Part,
    Quantifier,
    Read,
    Record,
    Step,
    dotted,
)
from bylaw.model.condition import Env, Truth, Unresolved

MOST_STEPS = 10_000


class Meter:
    """Counts the items that an `any` or `all` looks at, those nested in it included."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        """Begin with all steps left."""
        self.left = MOST_STEPS


class Scope:
    """What a node sees: the facts, and the items that are being looked at."""

    __slots__ = ("env", "items", "meter")

    def __init__(self, env: Env, items: Mapping[int, Plain], meter: Meter | None = None) -> None:
        """Keep them; `meter` is that of the outermost `any` or `all`."""
        self.env = env
        self.items = items
        self.meter = meter


def evaluate(root: Node, env: Env) -> Plain | Unresolved:
    """Return the value of an expression, or what keeps it from having one."""
    return value_of(root, Scope(env, {}))


def truth(root: Node, env: Env) -> Truth:
    """Return whether an expression holds, or what keeps that from being told."""
    return truth_of(root, Scope(env, {}))


def value_of(node: Node, scope: Scope) -> Plain | Unresolved:
    """Return the value of a node; it never raises."""
    try:
        return EVALUATORS[type(node)](node, scope)
    except FAILURES as error:
        return failed(node, reason(error))


def truth_of(node: Node, scope: Scope) -> Truth:
    """Return the truth of a node; what is neither true nor false is an error."""
    value = value_of(node, scope)
    if isinstance(value, bool | Unresolved):
        return value
    return failed(node, f"this is {name_of_type(value)}, where true or false is needed")


def failed(node: Node, why: str) -> Unresolved:
    """Return that a node has no value, and why."""
    return Unresolved(errors=(f"`{shown(node.text)}`: {why}",))


def merged(parts: Sequence[Unresolved]) -> Unresolved:
    """Return what all of these lack, each thing once."""
    if len(parts) == 1:
        return parts[0]
    return Unresolved(
        missing=tuple(dict.fromkeys(name for part in parts for name in part.missing)),
        errors=tuple(dict.fromkeys(text for part in parts for text in part.errors)),
    )


def follow(value: Plain, steps: tuple[Step, ...], name: str) -> Plain | Unresolved:
    """Go down from a value; `name` is what it is called where a step is not there."""
    for index, step in enumerate(steps):
        if not _has_step(value, step):
            return _cannot_follow(value, dotted(name, steps[:index]), step)
        value = value[step]
    return value


def _has_step(value: Plain, step: Step) -> bool:
    if isinstance(value, Mapping):
        return step in value
    if not isinstance(step, int) or not isinstance(value, list | tuple | str):
        return False
    return -len(value) <= step < len(value)


def _cannot_follow(value: Plain, name: str, step: Step) -> Unresolved:
    if isinstance(value, Mapping) or (
        isinstance(step, int) and isinstance(value, list | tuple | str)
    ):
        return Unresolved(missing=(dotted(name, (step,)),))
    what = f"`{step}`" if isinstance(step, str) else f"item {step}"
    return Unresolved(errors=(f"`{name}` is {name_of_type(value)} and has no {what}",))


def there(value: Plain, steps: tuple[Step, ...]) -> bool:
    """Say whether every step down from a value is there."""
    for step in steps:
        if not _has_step(value, step):
            return False
        value = value[step]
    return True


def item_of(of: Plain, index: Plain) -> Plain:
    """Return an item or field by an index that only a run knows. Raises Failure."""
    if isinstance(index, bool) or not isinstance(index, str | int):
        raise Failure(f"{name_of_type(index)} is neither a field nor a position")
    found = follow(of, (index,), "")
    if isinstance(found, Unresolved):
        raise Failure(f"there is no `{index}` in it")
    return found


def part_of(of: Plain, low: Plain, high: Plain) -> Plain:
    """Return a part of a text or list. Raises Failure."""
    if not isinstance(of, str | list | tuple):
        raise Failure(f"{name_of_type(of)} has no parts")
    for end in (low, high):
        if end is not None and (isinstance(end, bool) or not isinstance(end, int)):
            raise Failure("a part begins and ends at whole numbers")
    return of[low:high]


def each(source: Plain, meter: Meter) -> Iterator[Plain]:
    """Give the items of a list, or the names of a record's fields, within the meter."""
    if not isinstance(source, list | tuple | frozenset | Mapping):
        raise Failure(f"a list is needed, not {name_of_type(source)}")
    for item in source:
        meter.left -= 1
        if meter.left < 0:
            raise Failure(f"there are more than {MOST_STEPS} items to look at")
        yield item


def _read(node: Read, scope: Scope) -> Plain | Unresolved:
    if node.root not in scope.env:
        return Unresolved(missing=(node.root,))
    return follow(scope.env[node.root], node.steps, node.root)


def _bound(node: Bound, scope: Scope) -> Plain | Unresolved:
    return follow(scope.items[node.variable], node.steps, node.name)


def _applied(run: Callable[..., Plain], parts: Sequence[Node], scope: Scope) -> Plain | Unresolved:
    """Apply a function to the values of nodes, once all of them are known."""
    values = [value_of(part, scope) for part in parts]
    unknown = [value for value in values if isinstance(value, Unresolved)]
    return merged(unknown) if unknown else run(*values)


def _comparison(node: Comparison, scope: Scope) -> Truth:
    """A chain is true if every pair of neighbours is."""
    if len(node.rest) == 1:
        return _pair(node, node.first, node.rest[0], scope)
    lefts = (node.first, *(right for _, right in node.rest))
    pairs = zip(lefts, node.rest, strict=False)
    return _kleene((_pair(node, left, pair, scope) for left, pair in pairs), by=False)


def _pair(node: Comparison, left: Node, pair: tuple[str, Node], scope: Scope) -> Truth:
    sign, right = pair
    try:
        found: Truth = _applied(lambda one, two: compare(sign, one, two), (left, right), scope)
    except FAILURES as error:
        return failed(node, reason(error))
    return found


def _kleene(truths: Iterator[Truth], *, by: bool) -> Truth:
    """Return `by` if one of them is; else what is not known; else the other truth."""
    unknown: list[Unresolved] = []
    for one in truths:
        if one is by:
            return by
        if isinstance(one, Unresolved):
            unknown.append(one)
    return merged(unknown) if unknown else not by


def negated(value: Truth) -> Truth:
    """Return the other truth; what is not known stays so."""
    return value if isinstance(value, Unresolved) else not value


def _choice(node: Choice, scope: Scope) -> Plain | Unresolved:
    test = truth_of(node.test, scope)
    if isinstance(test, Unresolved):
        return test
    return value_of(node.then if test else node.other, scope)


def _has(node: Has, scope: Scope) -> bool:
    return not isinstance(value_of(node.path, scope), Unresolved)


def _active(node: Active, scope: Scope) -> Truth:
    states = scope.env.get("$states")
    return Unresolved(missing=("workflow",)) if states is None else node.state in states


def _quantifier(node: Quantifier, scope: Scope) -> Truth:
    source = value_of(node.source, scope)
    if isinstance(source, Unresolved):
        return source
    meter = scope.meter or Meter()
    inner = Scope(scope.env, scope.items, meter)
    return _kleene((_one(node, item, inner) for item in each(source, meter)), by=not node.every)


def _one(node: Quantifier, item: Plain, scope: Scope) -> Truth:
    """Return what one item says: an item that is filtered out decides nothing."""
    inner = Scope(scope.env, {**scope.items, node.variable: item}, scope.meter)
    kept = _kleene((truth_of(one, inner) for one in node.filters), by=False)
    if kept is False:
        return node.every
    found = truth_of(node.element, inner)
    if node.every:
        return _kleene(iter((negated(kept), found)), by=True)
    return _kleene(iter((kept, found)), by=False)


def _listing(*values: Plain) -> Plain:
    return list(values)


def _record(node: Record, scope: Scope) -> Plain | Unresolved:
    keys = [key for key, _ in node.fields]
    return _applied(
        lambda *values: dict(zip(keys, values, strict=True)),
        [value for _, value in node.fields],
        scope,
    )


EVALUATORS: Mapping[type, Callable[[Any, Scope], Plain | Unresolved]] = {
    Constant: lambda node, _scope: node.value,
    Read: _read,
    Bound: _bound,
    Item: lambda node, scope: _applied(item_of, (node.of, node.index), scope),
    Part: lambda node, scope: _applied(part_of, (node.of, node.low, node.high), scope),
    Listing: lambda node, scope: _applied(_listing, node.items, scope),
    Record: _record,
    Comparison: _comparison,
    Both: lambda node, scope: _kleene((truth_of(one, scope) for one in node.parts), by=False),
    Either: lambda node, scope: _kleene((truth_of(one, scope) for one in node.parts), by=True),
    Not: lambda node, scope: negated(truth_of(node.of, scope)),
    Choice: _choice,
    Call: lambda node, scope: _applied(node.run, node.args, scope),
    Has: _has,
    Active: _active,
    Quantifier: _quantifier,
}
