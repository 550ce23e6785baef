"""The allow-list: from Python's syntax tree to a checked tree, or the mistakes in it.

Whatever is not read here cannot stand in an expression. All mistakes are collected; where one
is, a value that fits anything stands in for it, so that it brings no others with it.
"""

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

from bylaw.base.names import did_you_mean
from bylaw.base.plain import Plain
from bylaw.expr import hint, number
from bylaw.expr.call import is_function, read_call
from bylaw.expr.failure import FAILURES, reason
from bylaw.expr.kind import Kind
from bylaw.expr.names import LATER_ROOTS, LEAF, LIST, OPEN, WORDS, Known, Names
from bylaw.expr.operators import ARITHMETIC, COMPARISONS, ORDER, compare
from bylaw.expr.parse import Parsed
from bylaw.expr.source import Mistake
from bylaw.expr.tree import (
    Both,
    Bound,
    Call,
    Choice,
    Comparison,
    Constant,
    Either,
    Item,
    Listing,
    Node,
    Not,
    Part,
    Read,
    Record,
    Step,
    Tree,
    dotted,
    kind_of,
)

# What stands before a name that was meant for a text: `status == passed`, `in [passed, …]`.
COMPARED = re.compile(r"(?:[=!]=|[\[,])\s*\Z")
DASHED = re.compile(r"\.(\w+(?:-\w+)+)\Z")
# What a text in an expression may not hold: no store keeps it, no answer can say it.
UNSPEAKABLE = re.compile("[\0\ud800-\udfff]")
LARGEST_TREE = 2_000
DEEPEST_TREE = 80
TRUTH = frozenset({Kind.BOOLEAN, Kind.ANY})
MEMBERSHIP = frozenset({"in", "not in"})
NUMBERS_ONLY = (number.multiply, number.divide, number.floor_divide, number.modulo)
STAND_IN = Read(text="", root="")


def check(parsed: Parsed, names: Names) -> tuple[Tree | None, list[Mistake]]:
    """Return the checked tree, or nothing and the mistakes that keep it from being one."""
    checker = Checker(parsed, names)
    root = checker.visit(parsed.root)
    checker.check_size()
    if checker.mistakes:
        return None, checker.mistakes
    return Tree(root=root, size=checker.size, depth=checker.deepest), []


class Checker:
    """Reads one expression; `mistakes` are those found so far."""

    def __init__(self, parsed: Parsed, names: Names) -> None:
        """Begin with what may be named."""
        self.parsed = parsed
        self.names = names
        self.mistakes: list[Mistake] = []
        self.variables: dict[str, Bound] = {}
        self.counter = 0
        self.size = 0
        self.depth = 0
        self.deepest = 0

    def visit(self, node: ast.expr) -> Node:
        """Read any part of the expression."""
        self.size += 1
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)
        reader = READERS.get(type(node))
        found = reader(self, node) if reader is not None else self._refuse_form(node)
        self.depth -= 1
        return found

    def refuse(self, node: ast.AST, code: str, message: str, tip: str = "") -> Node:
        """Note a mistake, and return what stands in for the part that has it."""
        offset = self.parsed.place(node)
        self.mistakes.append(Mistake(offset=offset, code=code, message=message, hint=tip))
        return STAND_IN

    def visit_truth(self, node: ast.expr) -> Node:
        """Read a part that must be true or false."""
        found = self.visit(node)
        if kind_of(found) not in TRUTH:
            what = f"`{self.parsed.text(node)}` is {kind_of(found).value}"
            self.refuse(node, "type", f"{what}, where true or false is needed", "compare it")
        return found

    def check_size(self) -> None:
        """Refuse what named parts make too large."""
        if self.size > LARGEST_TREE or self.deepest > DEEPEST_TREE:
            message = "the expression is too large with the conditions it names"
            self.refuse(self.parsed.root, "too-long", message)

    def fold(self, node: ast.AST, found: Call | Comparison, run: Callable[[], Plain]) -> Node:
        """Work out a part of constants now: what cannot be done is a mistake."""
        try:
            return Constant(text=found.text, value=run())
        except FAILURES as error:
            return self.refuse(node, "type", f"`{found.text}`: {reason(error)}")

    def _refuse_form(self, node: ast.expr) -> Node:
        form = type(node).__name__
        what, tip = hint.FORMS.get(form, (f"`{self.parsed.text(node)}`", ""))
        return self.refuse(node, "not-allowed", f"{what} does not stand in an expression", tip)

    def constant(self, node: ast.Constant) -> Node:
        """Read a constant."""
        value = node.value
        text = self.parsed.text(node)
        if isinstance(value, int | float) and not isinstance(value, bool):
            if not -number.LARGEST < value < number.LARGEST:
                return self.refuse(node, "type", f"`{text[:20]}` is too large a number")
        elif not (value is None or isinstance(value, str | bool)):
            return self.refuse(node, "not-allowed", f"`{text}` does not stand in an expression")
        elif isinstance(value, str) and UNSPEAKABLE.search(value):
            return self.refuse(node, "value", "the text has a NUL or half a character in it")
        return Constant(text=text, value=value)

    def name(self, node: ast.Name) -> Node:
        """Read a bare name."""
        name, text = node.id, node.id
        if name in self.variables:
            return self.variables[name]
        if name in WORDS:
            return Constant(text=text, value=WORDS[name])
        if name in self.names.conditions:
            return self._named_condition(node)
        if name in self.names.vars:
            return Constant(text=text, value=self.names.vars[name])
        if name in self.names.roots:
            kind = Kind.MOMENT if name == "now" else Kind.ANY
            return Read(text=text, root=name, below=self.names.roots[name], kind=kind)
        return self._unknown_name(node)

    def _named_condition(self, node: ast.Name) -> Node:
        tree = self.names.conditions[node.id].tree
        if not isinstance(tree, Tree):
            return self.refuse(node, "unknown-name", f"`{node.id}` cannot be used here")
        self.size += tree.size
        self.deepest = max(self.deepest, self.depth + tree.depth)
        return tree.root

    def _unknown_name(self, node: ast.Name) -> Node:
        name = node.id
        if name in LATER_ROOTS:
            return self.refuse(node, "not-yet", f"`{name}` cannot be read yet")
        if "__" in name:
            return self.refuse(node, "not-allowed", f"`{name}` cannot be a name: it has `__`")
        if is_function(name):
            message = f"`{name}` is a function"
            return self.refuse(node, "unknown-name", message, f"call it: `{name}(…)`")
        known = self.names.all() | self.variables.keys()
        message = f"`{name}` is not known here"
        tip = self._dashed(node) or hint.NAMES.get(name)
        tip = tip or did_you_mean(name, known, likeness=0.8) or self._bare(node)
        tip = tip or did_you_mean(name, known)
        return self.refuse(node, "unknown-name", message, tip)

    def _bare(self, node: ast.Name) -> str:
        """Return the hint for a text that something is compared with, and that has no quotes."""
        text, end = self.parsed.source.text, self.parsed.end(node)
        compared = COMPARED.search(text[: end - len(node.id)]) is not None
        is_text = compared and text[end : end + 1] != "."
        return f'a text stands in quotes: `"{node.id}"`' if is_text else ""

    def _dashed(self, node: ast.Name) -> str:
        """Return the hint for a field with a dash, where the name was its second half."""
        found = DASHED.search(self.parsed.source.text[: self.parsed.end(node)])
        return f'a field with a dash is read as `params["{found[1]}"]`' if found else ""

    def attribute(self, node: ast.Attribute) -> Node:
        """Read a field: `params.branch`; only data has fields."""
        return self._step(node, self.visit(node.value), self.parsed.field(node))

    def subscript(self, node: ast.Subscript) -> Node:
        """Read an item, a field in brackets, or a part of a text or list."""
        of = self.visit(node.value)
        if isinstance(node.slice, ast.Slice):
            return self._part(node, of, node.slice)
        index = self.visit(node.slice)
        if not isinstance(index, Constant):
            return Item(text=self.parsed.text(node), of=of, index=index)
        if isinstance(index.value, bool) or not isinstance(index.value, str | int):
            message = f"`{index.text}` is neither the name of a field nor a position"
            return self.refuse(node.slice, "type", message)
        return self._step(node, of, index.value)

    def _part(self, node: ast.Subscript, of: Node, between: ast.Slice) -> Node:
        if between.step is not None:
            return self.refuse(
                between.step, "not-allowed", "a part has a beginning and an end only"
            )
        low, high = (
            Constant(text="", value=None) if end is None else self.visit(end)
            for end in (between.lower, between.upper)
        )
        return Part(text=self.parsed.text(node), of=of, low=low, high=high)

    def _step(self, node: ast.expr, of: Node, step: Step) -> Node:
        """Go one step down from a value."""
        if of is STAND_IN:
            return of
        text = self.parsed.text(node)
        if isinstance(node, ast.Attribute) and (refused := self._field_mistake(node, of, step)):
            return refused
        match of:
            case Read():
                return self._step_from_root(node, of, step)
            case Bound():
                return Bound(
                    text=text, variable=of.variable, name=of.name, steps=(*of.steps, step)
                )
            case Constant():
                return self._step_in_constant(node, of, step)
            case _:
                return Item(text=text, of=of, index=Constant(text=str(step), value=step))

    def _field_mistake(self, node: ast.Attribute, of: Node, step: Step) -> Node | None:
        name, text = str(step), self.parsed.text(node.value)
        if "__" in name:
            return self.refuse(node, "not-allowed", f"`.{name}` is no field of data")
        known = isinstance(of, Read) and isinstance(of.below, Mapping)
        if name == "length" and not known:
            tip = f'write `len({text})`; a field of this name is `{text}["length"]`'
            return self.refuse(node, "not-allowed", "`.length` is not known here", tip)
        return None

    def _step_from_root(self, node: ast.expr, of: Read, step: Step) -> Node:
        text, below = self.parsed.text(node), of.below
        if isinstance(step, int):
            return Read(text=text, root=of.root, steps=(*of.steps, step))
        if below in (LEAF, LIST):
            message = f"`{of.text}` has no fields, so no `{step}`"
            return self.refuse(node, "unknown-name", message)
        known: Known = OPEN
        if isinstance(below, Mapping):
            if step not in below:
                message = f"`{of.text}` has no `{step}`"
                tip = did_you_mean(step, below) or _known_fields(below)
                return self.refuse(node, "unknown-name", message, tip)
            known = below[step]
        return Read(text=text, root=of.root, steps=(*of.steps, step), below=known)

    def _step_in_constant(self, node: ast.expr, of: Constant, step: Step) -> Node:
        try:
            return Constant(text=self.parsed.text(node), value=of.value[step])
        except (LookupError, TypeError):
            what = dotted("", (step,))
            return self.refuse(node, "unknown-name", f"`{of.text}` has no `{what.strip('.')}`")

    def logic(self, node: ast.BoolOp) -> Node:
        """Read `and` and `or`."""
        form = Both if isinstance(node.op, ast.And) else Either
        parts = tuple(map(self.visit_truth, node.values))
        return form(text=self.parsed.text(node), parts=parts)

    def unary(self, node: ast.UnaryOp) -> Node:
        """Read `not x` and `-x`."""
        text = self.parsed.text(node)
        if isinstance(node.op, ast.Not):
            return Not(text=text, of=self.visit_truth(node.operand))
        if isinstance(node.op, ast.USub):
            args = (self.visit(node.operand),)
            return self.run(node, number.negative, args, gives=Kind.NUMBER)
        return self._refuse_operator(node, node.op)

    def arithmetic(self, node: ast.BinOp) -> Node:
        """Read `+ - * / // %`."""
        run = ARITHMETIC.get(type(node.op))
        if run is None:
            return self._refuse_operator(node, node.op)
        args = (self.visit(node.left), self.visit(node.right))
        if run in NUMBERS_ONLY:
            self._needs_numbers(node, args)
        gives = Kind.NUMBER if run in NUMBERS_ONLY else Kind.ANY
        return self.run(node, run, args, gives=gives)

    def _needs_numbers(self, node: ast.BinOp, args: tuple[Node, ...]) -> None:
        for arg in args:
            if kind_of(arg) not in (Kind.NUMBER, Kind.ANY):
                what = f"`{arg.text}` is {kind_of(arg).value}"
                self.refuse(node, "type", f"{what}, where a number is needed")

    def _refuse_operator(self, node: ast.expr, operator: ast.AST) -> Node:
        tip = hint.OPERATORS.get(type(operator).__name__, "")
        message = f"the operator in `{self.parsed.text(node)}` is not possible"
        return self.refuse(node, "not-allowed", message, tip)

    def run(
        self, node: ast.AST, run: Callable[..., Plain], args: tuple[Node, ...], *, gives: Kind
    ) -> Node:
        """Return the call of a function, worked out now if all its arguments are constants."""
        call = Call(text=self.parsed.text(node), run=run, args=args, gives=gives)
        if self.mistakes or not args:
            return call
        values = [arg.value for arg in args if isinstance(arg, Constant)]
        return self.fold(node, call, lambda: run(*values)) if len(values) == len(args) else call

    def comparison(self, node: ast.Compare) -> Node:
        """Read a comparison, or a chain of them."""
        for form in node.ops:
            if type(form) not in COMPARISONS:
                message = "`is` does not stand in an expression"
                return self.refuse(node, "not-allowed", message, "write `==` or `!=`")
        signs = [COMPARISONS[type(form)] for form in node.ops]
        first, *others = map(self.visit, (node.left, *node.comparators))
        rest = tuple(zip(signs, others, strict=True))
        found = Comparison(text=self.parsed.text(node), first=first, rest=rest)
        for left, (sign, right) in zip((first, *others), rest, strict=False):
            self._check_pair(node, left, sign, right)
        return found

    def _check_pair(self, node: ast.Compare, left: Node, sign: str, right: Node) -> None:
        """Find what can never be compared."""
        kinds = {kind_of(left), kind_of(right)}
        if sign not in MEMBERSHIP and (tip := hint.of_list(left, sign, right)):
            message = f"`{self.parsed.text(node)}` compares a list with something else"
            self.refuse(node, "type", message, tip)
        elif sign in ORDER and Kind.MOMENT in kinds and kinds & {Kind.TEXT, Kind.NUMBER}:
            message = f"`{self.parsed.text(node)}` compares a moment with something else"
            self.refuse(node, "type", message, 'write `timestamp("2027-01-31")`')
        elif isinstance(left, Constant) and isinstance(right, Constant):
            try:
                compare(sign, left.value, right.value)
            except FAILURES as error:
                self.refuse(node, "type", f"`{self.parsed.text(node)}`: {reason(error)}")

    def choice(self, node: ast.IfExp) -> Node:
        """Read `a if condition else b`."""
        then, test = self.visit(node.body), self.visit_truth(node.test)
        other = self.visit(node.orelse)
        return Choice(text=self.parsed.text(node), test=test, then=then, other=other)

    def listing(self, node: ast.List | ast.Tuple) -> Node:
        """Read a list; round brackets mean the same."""
        items = tuple(map(self.visit, node.elts))
        text = self.parsed.text(node)
        if all(isinstance(item, Constant) for item in items):
            values = [item.value for item in items if isinstance(item, Constant)]
            return Constant(text=text, value=values)
        return Listing(text=text, items=items)

    def record(self, node: ast.Dict) -> Node:
        """Read a record; its keys are texts that stand there."""
        fields: dict[str, Node] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                return self.refuse(key or value, "type", "a field's name is a text in quotes")
            fields[key.value] = self.visit(value)
        return Record(text=self.parsed.text(node), fields=tuple(fields.items()))

    def call(self, node: ast.Call) -> Node:
        """Read the call of a function."""
        return read_call(self, node)


def _known_fields(below: Mapping[str, Known]) -> str:
    return "it has " + ", ".join(f"`{name}`" for name in sorted(below)) if below else ""


READERS: Mapping[type[ast.expr], Callable[[Checker, Any], Node]] = {
    ast.Constant: Checker.constant,
    ast.Name: Checker.name,
    ast.Attribute: Checker.attribute,
    ast.Subscript: Checker.subscript,
    ast.BoolOp: Checker.logic,
    ast.UnaryOp: Checker.unary,
    ast.BinOp: Checker.arithmetic,
    ast.Compare: Checker.comparison,
    ast.IfExp: Checker.choice,
    ast.List: Checker.listing,
    ast.Tuple: Checker.listing,
    ast.Dict: Checker.record,
    ast.Call: Checker.call,
}
