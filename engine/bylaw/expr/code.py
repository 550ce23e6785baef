"""The fast form: a checked tree as one function of Python.

The function is built from the checked tree, form by form, never from text: names of the author
become the constants of subscripts, and nothing but what is listed here is in its reach. It
either gives the value that `evaluate` would give or raises one of `failure.FAILURES`; then
`evaluate` is asked.
"""

import ast
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType
from typing import Any, cast

from bylaw.base.plain import Plain, name_of_type
from bylaw.expr.evaluate import Meter, each, item_of, part_of, there
from bylaw.expr.failure import Failure
from bylaw.expr.kind import Kind
from bylaw.expr.operators import FORMS
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
    kind_of,
)
from bylaw.model.condition import Env

SIMPLE = (str, bool, int, float, type(None))
LOAD = ast.Load()


def fast_test(root: Node) -> Callable[[Env], bool]:
    """Return the function that says whether a condition holds; it raises where it cannot."""
    writer = Writer()
    return writer.function(writer.truth(root))


def fast_value(root: Node) -> Callable[[Env], Plain]:
    """Return the function that gives the value of an expression; it raises where it cannot."""
    writer = Writer()
    return writer.function(writer.write(root))


def _bad(value: Plain) -> bool:
    raise Failure(f"{name_of_type(value)} is neither true nor false")


def _truth(value: Plain) -> bool:
    return value if isinstance(value, bool) else _bad(value)


def _has(env: Env, root: str, steps: tuple[Step, ...]) -> bool:
    return root in env and there(env[root], steps)


REACH: Mapping[str, Any] = {
    "__builtins__": {},
    "bad": _bad,
    "truth": _truth,
    "has": _has,
    "there": there,
    "item": item_of,
    "part": part_of,
    "meter": Meter,
    "each": each,
    "any": any,
    "all": all,
}


def _name(name: str) -> ast.expr:
    return ast.Name(id=name, ctx=LOAD)


def _call(name: str, *args: ast.expr) -> ast.expr:
    return ast.Call(func=_name(name), args=list(args), keywords=[])


def _index(of: ast.expr, step: Step) -> ast.expr:
    return ast.Subscript(value=of, slice=ast.Constant(value=step), ctx=LOAD)


class Writer:
    """Writes one expression; `reach` is what its function will be able to name."""

    def __init__(self) -> None:
        """Begin with the helpers."""
        self.reach: dict[str, Any] = dict(REACH)
        self.quantifiers = 0

    def function(self, body: ast.expr) -> Callable[[Env], Any]:
        """Return the function with this body and its one argument, the facts."""
        arguments = ast.arguments(
            posonlyargs=[], args=[ast.arg(arg="e")], kwonlyargs=[], kw_defaults=[], defaults=[]
        )
        module = ast.Expression(body=ast.Lambda(args=arguments, body=body))
        code = compile(ast.fix_missing_locations(module), "<condition>", "eval")
        inner = next(const for const in code.co_consts if isinstance(const, CodeType))
        return cast("Callable[[Env], Any]", FunctionType(inner, self.reach))

    def write(self, node: Node) -> ast.expr:
        """Return the code of a node."""
        return WRITERS[type(node)](self, node)

    def truth(self, node: Node) -> ast.expr:
        """Return the code of a node that must be true or false, with the check that it is."""
        code = self.write(node)
        if kind_of(node) is Kind.BOOLEAN:
            return code
        if self.quantifiers:
            return _call("truth", code)
        # `(t := x) is True or (t is not False and bad(t))`: no call where all is well.
        kept = ast.NamedExpr(target=ast.Name(id="t", ctx=ast.Store()), value=code)
        is_true = ast.Compare(left=kept, ops=[ast.Is()], comparators=[ast.Constant(value=True)])
        not_false = ast.Compare(
            left=_name("t"), ops=[ast.IsNot()], comparators=[ast.Constant(value=False)]
        )
        wrong = ast.BoolOp(op=ast.And(), values=[not_false, _call("bad", _name("t"))])
        return ast.BoolOp(op=ast.Or(), values=[is_true, wrong])

    def kept(self, value: Any) -> ast.expr:
        """Return a name for a value that cannot stand in code."""
        name = f"k{len(self.reach)}"
        self.reach[name] = value
        return _name(name)

    def constant(self, node: Constant) -> ast.expr:
        """Write a constant."""
        if isinstance(node.value, SIMPLE):
            return ast.Constant(value=node.value)
        return self.kept(node.value)

    def read(self, node: Read) -> ast.expr:
        """Write a path from a root."""
        code = _index(_name("e"), node.root)
        for step in node.steps:
            code = _index(code, step)
        return code

    def bound(self, node: Bound) -> ast.expr:
        """Write a path from an item."""
        code = _name(f"v{node.variable}")
        for step in node.steps:
            code = _index(code, step)
        return code

    def comparison(self, node: Comparison) -> ast.expr:
        """Write a comparison."""
        return ast.Compare(
            left=self.write(node.first),
            ops=[FORMS[sign]() for sign, _ in node.rest],
            comparators=[self.write(right) for _, right in node.rest],
        )

    def logic(self, node: Both | Either) -> ast.expr:
        """Write `and` and `or`."""
        operator = ast.And() if isinstance(node, Both) else ast.Or()
        return ast.BoolOp(op=operator, values=[self.truth(part) for part in node.parts])

    def choice(self, node: Choice) -> ast.expr:
        """Write `a if condition else b`."""
        return ast.IfExp(
            test=self.truth(node.test), body=self.write(node.then), orelse=self.write(node.other)
        )

    def call(self, node: Call) -> ast.expr:
        """Write the call of a function."""
        args = [self.write(arg) for arg in node.args]
        return ast.Call(func=self.kept(node.run), args=args, keywords=[])

    def has(self, node: Has) -> ast.expr:
        """Write the question whether a path is there."""
        path = node.path
        steps = self.kept(path.steps)
        if isinstance(path, Read):
            return _call("has", _name("e"), ast.Constant(value=path.root), steps)
        return _call("there", _name(f"v{path.variable}"), steps)

    def active(self, node: Active) -> ast.expr:
        """Write the question whether a state is active."""
        state, states = ast.Constant(value=node.state), _index(_name("e"), "$states")
        return ast.Compare(left=state, ops=[ast.In()], comparators=[states])

    def quantifier(self, node: Quantifier) -> ast.expr:
        """Write `any` or `all`; the outermost one makes the meter that all within it share."""
        outermost = not self.quantifiers
        self.quantifiers += 1
        over = ast.comprehension(
            target=ast.Name(id=f"v{node.variable}", ctx=ast.Store()),
            iter=_call("each", self.write(node.source), _name("m")),
            ifs=[self.truth(one) for one in node.filters],
            is_async=0,
        )
        generator = ast.GeneratorExp(elt=self.truth(node.element), generators=[over])
        self.quantifiers -= 1
        found = _call("all" if node.every else "any", generator)
        return ast.BoolOp(op=ast.And(), values=[_new_meter(), found]) if outermost else found


def _new_meter() -> ast.expr:
    """Write `(m := meter())`, which counts as true."""
    return ast.NamedExpr(target=ast.Name(id="m", ctx=ast.Store()), value=_call("meter"))


WRITERS: Mapping[type, Callable[[Writer, Any], ast.expr]] = {
    Constant: Writer.constant,
    Read: Writer.read,
    Bound: Writer.bound,
    Item: lambda writer, node: _call("item", writer.write(node.of), writer.write(node.index)),
    Part: lambda writer, node: _call(
        "part", *(writer.write(one) for one in (node.of, node.low, node.high))
    ),
    Listing: lambda writer, node: ast.List(elts=list(map(writer.write, node.items)), ctx=LOAD),
    Record: lambda writer, node: ast.Dict(
        keys=[ast.Constant(value=key) for key, _ in node.fields],
        values=[writer.write(value) for _, value in node.fields],
    ),
    Comparison: Writer.comparison,
    Both: Writer.logic,
    Either: Writer.logic,
    Not: lambda writer, node: ast.UnaryOp(op=ast.Not(), operand=writer.truth(node.of)),
    Choice: Writer.choice,
    Call: Writer.call,
    Has: Writer.has,
    Active: Writer.active,
    Quantifier: Writer.quantifier,
}
