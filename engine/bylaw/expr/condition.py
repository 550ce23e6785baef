"""Conditions: text of the author, checked and compiled into a test that never raises."""

from collections.abc import Callable, Iterator

from bylaw.base.node import Node, Scalar
from bylaw.base.place import Place
from bylaw.base.plain import Plain, name_of_type
from bylaw.base.problem import Problem
from bylaw.expr import tree
from bylaw.expr.check import check
from bylaw.expr.code import fast_test
from bylaw.expr.evaluate import truth
from bylaw.expr.explain import Explainer
from bylaw.expr.failure import FAILURES
from bylaw.expr.kind import Kind
from bylaw.expr.names import Names
from bylaw.expr.parse import parse
from bylaw.expr.source import Mistake, Refused
from bylaw.expr.unsent import Unsent, unsent
from bylaw.model.condition import Condition, Env, Truth

TRUTH = frozenset({Kind.BOOLEAN, Kind.ANY})
SCALARS = (str, bool, int, float, type(None))


def compile_condition(node: Node, names: Names, *, problems: list[Problem]) -> Condition | None:
    """Compile a condition, or append what is wrong with it and return nothing."""
    if not isinstance(node, Scalar):
        message = "a condition is one text, not a list or mapping"
        problems.append(Problem(node.place, "type", message, 'join parts with "and", "or"'))
        return None
    text = _text(node, problems)
    if text is None:
        return None
    checked = check_text(text, names, at=node.at, problems=problems)
    if checked is None or not _is_truth(checked.root, node, problems):
        return None
    return _condition(text, node.place, checked)


def _text(node: Scalar, problems: list[Problem]) -> str | None:
    if isinstance(node.value, str):
        return node.value
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    message = f"{name_of_type(node.value)} is not a condition"
    problems.append(Problem(node.place, "type", message, 'write `params.branch == "main"`'))
    return None


def check_text(
    text: str, names: Names, *, at: Callable[[int], Place], problems: list[Problem]
) -> tree.Tree | None:
    """Parse and check an expression; `at` gives the place of one of its characters."""
    try:
        checked, mistakes = check(parse(text), names)
    except Refused as refused:
        checked, mistakes = None, [refused.mistake]
    problems.extend(_problem(mistake, at) for mistake in mistakes)
    return checked


def _problem(mistake: Mistake, at: Callable[[int], Place]) -> Problem:
    return Problem(at(mistake.offset), mistake.code, mistake.message, mistake.hint)


def _is_truth(root: tree.Node, node: Scalar, problems: list[Problem]) -> bool:
    kind = tree.kind_of(root)
    if kind in TRUTH:
        return True
    message = f"this condition is {kind.value}, where true or false is needed"
    problems.append(Problem(node.place, "type", message, "compare it with something"))
    return False


def _condition(text: str, place: Place, checked: tree.Tree) -> Condition:
    root = checked.root
    test = _test(root)
    return Condition(
        text=text,
        place=place,
        reads=tree.reads(root),
        equalities=tuple(equalities(root)),
        test=test,
        explain=Explainer(root, test).explain,
        tree=checked,
    )


def _test(root: tree.Node) -> Callable[[Env], Truth]:
    fast = fast_test(root)
    # Made when it is needed first: most conditions are told at once wherever they are asked.
    split: list[Unsent | None] = []

    def test(env: Env) -> Truth:
        try:
            return fast(env)
        except FAILURES:
            split[:] = split or [unsent(root)]
            found = split[0].truth(env) if split[0] is not None else None
            return found if found is not None else truth(root, env)

    return test


def equalities(root: tree.Node) -> Iterator[tuple[str, tuple[Plain, ...]]]:
    """Give the clauses `path == constant` and `path in [constants]` that must hold."""
    if isinstance(root, tree.Both):
        for part in root.parts:
            yield from equalities(part)
    elif isinstance(root, tree.Comparison) and len(root.rest) == 1:
        ((sign, right),) = root.rest
        found = _equality(root.first, sign, right)
        if found is None and sign == "==":
            found = _equality(right, sign, root.first)
        if found is not None:
            yield found


def _equality(
    path: tree.Node, sign: str, constant: tree.Node
) -> tuple[str, tuple[Plain, ...]] | None:
    if not isinstance(path, tree.Read) or not isinstance(constant, tree.Constant):
        return None
    if not all(isinstance(step, str) for step in path.steps):
        return None
    values = _values(sign, constant.value)
    return None if values is None else (tree.dotted(path.root, path.steps), values)


def _values(sign: str, value: Plain) -> tuple[Plain, ...] | None:
    if sign == "==" and isinstance(value, SCALARS):
        return (value,)
    if sign == "in" and isinstance(value, list) and all(isinstance(one, SCALARS) for one in value):
        return tuple(value)
    return None
