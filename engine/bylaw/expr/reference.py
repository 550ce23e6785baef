"""The trusted twin: conditions and values evaluated by simpleeval, clause by clause.

It reads the same parsed text as the compiled form but shares neither its checked tree nor its
code; property tests hold the two equal. Clauses are joined here by Kleene's truth, which
simpleeval does not have, and each clause is evaluated by simpleeval. Where simpleeval itself
decides differently, this twin asks it another question:

- `params.items` is the method of a dict to simpleeval: fields are put to it as `params["items"]`;
- `and`, `or`, `not`, `a if b else c` take any value for a truth there: here only true and false;
- a chain `a < b < c` stops there at the first pair that is false: here each pair is a clause;
- a generator stops there at its first error and cannot ask `has`: here each item is a clause;
- its arithmetic takes true for 1, repeats texts and lists and knows no bound on numbers, and its
  lists take true for a position, also in `x[true:]`: here the language's own operators stand in.
"""

import ast
from collections.abc import Iterator, Mapping
from typing import Any, cast

from simpleeval import DEFAULT_OPERATORS, EvalWithCompoundTypes, InvalidExpression

from bylaw.base.plain import Plain
from bylaw.expr.evaluate import MOST_STEPS, merged, negated
from bylaw.expr.failure import FAILURES, Failure, reason
from bylaw.expr.functions import ALIASES, FUNCTIONS, Function
from bylaw.expr.names import WORDS, Names
from bylaw.expr.number import negative
from bylaw.expr.operators import ARITHMETIC
from bylaw.expr.parse import Parsed, parse
from bylaw.model.condition import Env, Truth, Unresolved

CALLS = {name: one.run for name, one in FUNCTIONS.items() if one.run is not None}
OPERATORS = {**DEFAULT_OPERATORS, **ARITHMETIC, ast.USub: negative}


class Unknown(Exception):
    """A part of a clause is not known; carries what is missing."""

    def __init__(self, why: Unresolved) -> None:
        """Keep what is missing."""
        self.why = why
        super().__init__()


def reference_truth(text: str, names: Names, env: Env) -> Truth:
    """Return whether a condition holds, as the twin sees it."""
    parsed = parse(text)
    return Twin(parsed, names, env).truth(parsed.root)


def reference_value(text: str, names: Names, env: Env) -> Plain | Unresolved:
    """Return the value of an expression, as the twin sees it."""
    parsed = parse(text)
    return Twin(parsed, names, env).value(parsed.root)


class Twin(ast.NodeTransformer):
    """Evaluates one expression. As a transformer it puts values in for what it decides itself."""

    def __init__(self, parsed: Parsed, names: Names, env: Env) -> None:
        """Begin with the facts and literals by their bare names."""
        self.parsed = parsed
        self.names = names
        self.env = env
        self.bare: dict[str, Plain] = {**env, **names.vars, **WORDS}
        self.steps: int | None = None

    def truth(self, node: ast.expr) -> Truth:
        """Return the truth of a clause."""
        value = self.value(node)
        if isinstance(value, bool | Unresolved):
            return value
        return Unresolved(errors=("this is neither true nor false",))

    def value(self, node: ast.expr) -> Plain | Unresolved:
        """Return the value of any part."""
        try:
            return self._ask(self.visit(node))
        except Unknown as unknown:
            return unknown.why
        except InvalidExpression as error:
            return Unresolved(errors=(str(error),))
        except FAILURES as error:
            return Unresolved(errors=(reason(error),))

    def _ask(self, node: ast.expr) -> Plain:
        """Let simpleeval evaluate what is left of a clause."""
        evaluator = EvalWithCompoundTypes(
            operators=OPERATORS,
            functions=dict(CALLS),
            names=self.bare,
        )
        evaluator.nodes[ast.Subscript] = lambda one: _item(evaluator, one)
        return evaluator.eval("", previously_parsed=node)

    def _known(self, found: Plain | Unresolved) -> ast.expr:
        """Put a value in for a part, or give the whole clause up."""
        if isinstance(found, Unresolved):
            raise Unknown(found)
        return ast.Constant(value=found)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """Decide `and` and `or`."""
        by = isinstance(node.op, ast.Or)
        return self._known(kleene((self.truth(one) for one in node.values), by=by))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """Decide `not`."""
        if isinstance(node.op, ast.Not):
            return self._known(negated(self.truth(node.operand)))
        return cast("ast.expr", self.generic_visit(node))

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """Decide which part of a choice counts."""
        test = self.truth(node.test)
        if isinstance(test, Unresolved):
            raise Unknown(test)
        return self._known(self.value(node.body if test else node.orelse))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """Decide a chain pair by pair."""
        if len(node.ops) == 1:
            return cast("ast.expr", self.generic_visit(node))
        lefts = (node.left, *node.comparators)
        pairs = zip(lefts, node.ops, node.comparators, strict=False)
        return self._known(
            kleene(
                (
                    self.truth(ast.Compare(left=left, ops=[sign], comparators=[right]))
                    for left, sign, right in pairs
                ),
                by=False,
            )
        )

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Make a field of data out of an attribute."""
        name = ast.Constant(value=self.parsed.field(node))
        return ast.Subscript(value=self.visit(node.value), slice=name, ctx=ast.Load())

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Decide a named condition by its own text."""
        condition = self.names.conditions.get(node.id)
        if condition is None:
            return node
        return self._known(reference_truth(condition.text, self.names, self.env))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Decide the calls that are forms of their own."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "has":
            return self._known(not isinstance(self.value(node.args[0]), Unresolved))
        if name == "in_state":
            return self._known(self._state(node.args[0]))
        if node.args and isinstance(node.args[0], ast.GeneratorExp):
            return self._known(self._quantified(node.args[0], every=name == "all"))
        function = FUNCTIONS[ALIASES.get(name, name)]
        args = [self.visit(one) for one in _arguments(node, function)]
        return ast.Call(func=ast.Name(id=function.name, ctx=ast.Load()), args=args, keywords=[])

    def _state(self, node: ast.expr) -> Truth:
        if "$states" not in self.env:
            return Unresolved(missing=("workflow",))
        return isinstance(node, ast.Constant) and node.value in self.env["$states"]

    def _quantified(self, node: ast.GeneratorExp, *, every: bool) -> Truth:
        over = node.generators[0]
        source = self.value(over.iter)
        if isinstance(source, Unresolved):
            return source
        outermost = self.steps is None
        if outermost:
            self.steps = MOST_STEPS
        try:
            return kleene(self._items(node, source, every=every), by=not every)
        finally:
            if outermost:
                self.steps = None

    def _items(self, node: ast.GeneratorExp, source: Plain, *, every: bool) -> Iterator[Truth]:
        """Give what each item says."""
        if not isinstance(source, list | tuple | frozenset | Mapping):
            raise Failure("this is not a list")
        over = node.generators[0]
        variable = over.target.id if isinstance(over.target, ast.Name) else ""
        for item in source:
            self.steps = (self.steps or 0) - 1
            if self.steps < 0:
                raise Failure("there are too many items")
            self.bare[variable] = item
            kept = kleene((self.truth(one) for one in over.ifs), by=False)
            says = self.truth(node.elt) if kept is not False else every
            yield kleene(iter((negated(kept) if every else kept, says)), by=every)
        self.bare.pop(variable, None)

    def visit_Tuple(self, node: ast.Tuple) -> ast.expr:
        """Round brackets make lists."""
        return ast.List(elts=[self.visit(one) for one in node.elts], ctx=ast.Load())

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Rebuild a form with its parts visited; the parsed tree stays as it is."""
        return type(node)(**{name: self._part(value) for name, value in ast.iter_fields(node)})

    def _part(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._part(one) for one in value]
        return self.visit(value) if isinstance(value, ast.AST) else value


def _arguments(node: ast.Call, function: Function) -> Iterator[ast.expr]:
    """Give the arguments in the order of the signature."""
    yield from node.args
    named = {one.arg: one.value for one in node.keywords}
    for name in function.takes[len(node.args) :]:
        yield named.get(name) or ast.Constant(value=function.given[name])


def kleene(truths: Iterator[Truth], *, by: bool) -> Truth:
    """Return `by` if one of them is; else what is not known; else the other truth."""
    unknown: list[Unresolved] = []
    for one in truths:
        if one is by:
            return by
        if isinstance(one, Unresolved):
            unknown.append(one)
    return merged(unknown) if unknown else not by


def _item(evaluator: EvalWithCompoundTypes, node: ast.Subscript) -> Plain:
    container = evaluator._eval(node.value)  # noqa: SLF001 # how simpleeval lets a form be replaced
    index = evaluator._eval(node.slice)  # noqa: SLF001 # how simpleeval lets a form be replaced
    ends = (index.start, index.stop) if isinstance(index, slice) else (index,)
    if any(isinstance(end, bool) for end in ends) or (
        isinstance(container, str) and isinstance(index, str)
    ):
        raise Failure("this is no position")
    return container[index]
