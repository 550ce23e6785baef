"""Calls in an expression: functions with their arguments, and the forms that look like them."""

import ast
from collections.abc import Callable
from typing import Protocol

from bylaw.base.names import did_you_mean
from bylaw.base.plain import Plain
from bylaw.expr import hint
from bylaw.expr.failure import FAILURES, reason
from bylaw.expr.functions import ALIASES, FUNCTIONS, LATER_FUNCTIONS, Function, Run
from bylaw.expr.kind import Kind
from bylaw.expr.names import WORDS, Names
from bylaw.expr.parse import Parsed
from bylaw.expr.tree import (
    Active,
    Bound,
    Constant,
    Has,
    Node,
    Quantifier,
    Read,
    field_path,
)


class Reader(Protocol):
    """What reads the parts of a call: the checker of the whole expression."""

    parsed: Parsed
    names: Names
    variables: dict[str, Bound]
    counter: int

    def visit(self, node: ast.expr) -> Node:
        """Read any part."""

    def visit_truth(self, node: ast.expr) -> Node:
        """Read a part that must be true or false."""

    def refuse(self, node: ast.AST, code: str, message: str, tip: str = "") -> Node:
        """Note a mistake, and return what stands in for the part that has it."""

    def run(
        self, node: ast.AST, run: Callable[..., Plain], args: tuple[Node, ...], *, gives: Kind
    ) -> Node:
        """Return the call of a function."""


def is_function(name: str) -> bool:
    """Say whether a function is called so."""
    return name in FUNCTIONS or name in ALIASES


def read_call(reader: Reader, node: ast.Call) -> Node:
    """Read a call."""
    if not isinstance(node.func, ast.Name):
        return _refuse_method(reader, node)
    name = ALIASES.get(node.func.id, node.func.id)
    if name not in FUNCTIONS:
        return _refuse_name(reader, node, name)
    if any(isinstance(arg, ast.Starred) for arg in node.args) or any(
        given.arg is None for given in node.keywords
    ):
        return reader.refuse(node, "not-allowed", "arguments are written one by one, without `*`")
    if name in ("any", "all") and len(node.args) == 1 and not node.keywords:
        (arg,) = node.args
        if isinstance(arg, ast.GeneratorExp):
            return _quantifier(reader, node, arg)
    return _function(reader, node, FUNCTIONS[name])


def _refuse_method(reader: Reader, node: ast.Call) -> Node:
    if isinstance(node.func, ast.Attribute):
        of, name = reader.parsed.text(node.func.value), reader.parsed.field(node.func)
        message = f"`.{name}(…)` cannot be called"
        return reader.refuse(node, "not-allowed", message, hint.method(name, of))
    return reader.refuse(node, "not-allowed", f"`{reader.parsed.text(node)}` cannot be called")


def _refuse_name(reader: Reader, node: ast.Call, name: str) -> Node:
    if name in LATER_FUNCTIONS:
        return reader.refuse(node, "not-yet", f"`{name}` cannot be asked yet")
    written = hint.METHODS.get(name, "").format("x")
    tip = did_you_mean(name, (*FUNCTIONS, *ALIASES)) or (written and f"write `{written}`")
    return reader.refuse(node, "unknown-function", f"`{name}` is not a function", tip)


def _function(reader: Reader, node: ast.Call, function: Function) -> Node:
    given = _arranged(node, function)
    if given is None:
        message = f"`{reader.parsed.text(node)[:60]}` does not fit `{function.signature}`"
        return reader.refuse(node, "arguments", message, f"for example `{function.example}`")
    if function.name == "in_state":
        return _active(reader, node, given)
    args = tuple(reader.visit(arg) if isinstance(arg, ast.expr) else arg for arg in given)
    if function.run is None:
        return _has(reader, node, args[0])
    return _run(reader, node, function, args, function.run)


def _arranged(node: ast.Call, function: Function) -> tuple[ast.expr | Constant, ...] | None:
    """Return the arguments in the order of the signature, or nothing if they do not fit."""
    if function.many:
        return tuple(node.args) if node.args and not node.keywords else None
    named = {given.arg: given.value for given in node.keywords}
    positional = dict(zip(function.takes, node.args, strict=False))
    if len(node.args) > len(function.takes) or not named.keys() <= set(function.takes):
        return None
    if named.keys() & positional.keys():
        return None
    found: dict[str | None, ast.expr | Constant] = dict(named)
    found.update(positional)
    for name, value in function.given.items():
        found.setdefault(name, Constant(text=str(value), value=value))
    if any(name not in found for name in function.takes):
        return None
    return tuple(found[name] for name in function.takes)


def _run(
    reader: Reader, node: ast.Call, function: Function, args: tuple[Node, ...], run: Run
) -> Node:
    last = args[-1]
    if function.bind is not None and isinstance(last, Constant):
        try:
            run, args = function.bind(last.value), args[:-1]
        except FAILURES as error:
            code = "regex" if function.constant else "type"
            return reader.refuse(node, code, f"`{last.text}`: {reason(error)}")
    elif function.constant:
        message = f"`{last.text}` is not known before a run, so `{function.name}` cannot use it"
        return reader.refuse(node, "regex", message, "write the pattern itself")
    return reader.run(node, run, args, gives=function.gives)


def _has(reader: Reader, node: ast.Call, path: Node) -> Node:
    if not isinstance(path, Read | Bound):
        message = f"`{path.text}` is not a path"
        return reader.refuse(node, "type", message, "write `has(params.ticket)`")
    return Has(text=reader.parsed.text(node), path=path)


def _active(reader: Reader, node: ast.Call, given: tuple[ast.expr | Constant, ...]) -> Node:
    states = reader.names.states
    state = given[0].value if isinstance(given[0], ast.Constant) else None
    if states is None:
        return reader.refuse(node, "not-allowed", "`in_state` stands in workflows only")
    if not isinstance(state, str):
        return reader.refuse(node, "type", "`in_state` needs the id of a state in quotes")
    if state in states:
        return Active(text=reader.parsed.text(node), state=state)
    below = sorted(known for known in states if known.endswith(f".{state}"))
    tip = f"did you mean `{below[0]}`?" if below else did_you_mean(state, states)
    return reader.refuse(node.args[0], "unknown-state", f"`{state}` is not a state here", tip)


def _quantifier(reader: Reader, node: ast.Call, generator: ast.GeneratorExp) -> Node:
    first, *others = generator.generators
    target = first.target
    if others or first.is_async or not isinstance(target, ast.Name):
        message = "`for` goes over one list, with one name for its items"
        return reader.refuse(generator, "not-allowed", message, "nest `any(…)` and `all(…)`")
    source = reader.visit(first.iter)
    if _shadows(reader, target.id):
        message = f"`{target.id}` means something else already"
        return reader.refuse(target, "shadow", message, "give the items another name")
    reader.counter += 1
    number = reader.counter
    name = f"{field_path(source) if isinstance(source, Read) else source.text}[]"
    reader.variables[target.id] = Bound(text=target.id, variable=number, name=name)
    filters = tuple(map(reader.visit_truth, first.ifs))
    element = reader.visit_truth(generator.elt)
    del reader.variables[target.id]
    return Quantifier(
        text=reader.parsed.text(node),
        every=isinstance(node.func, ast.Name) and node.func.id == "all",
        variable=number,
        source=source,
        filters=filters,
        element=element,
    )


def _shadows(reader: Reader, name: str) -> bool:
    known = reader.names.all() | reader.variables.keys() | WORDS.keys()
    return name in known or is_function(name) or "__" in name
