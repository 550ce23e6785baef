"""What the expressions of a workflow may name, place by place, and that nothing shadows."""

from collections.abc import Iterable, Iterator, Mapping

from bylaw.base.node import Mapping as Tree
from bylaw.base.plain import Plain, Record
from bylaw.base.problem import Problem
from bylaw.compile.context import Context
from bylaw.expr.names import BASE_ROOTS, LEAF, LIST, OPEN, Known, Names, taken_names
from bylaw.model.shape import Shape

# In a workflow its data stands bare and its states are asked for with `in_state`.
WORKFLOW = {"name": LEAF, "id": LEAF, "key": LEAF}
NOT_HERE = ("resource", "result", "error", "secrets")
LEAVES = ("string", "number", "integer", "boolean", "null")


def outside_names(context: Context) -> Names:
    """Return what stands outside of any instance: where an event is about to start one."""
    roots = {name: known for name, known in BASE_ROOTS.items() if name not in NOT_HERE}
    roots |= {"workflow": WORKFLOW, "params": {}}
    return Names(roots=roots, vars=context.vars, conditions={}, states=None)


def instance_names(outside: Names, fields: Shape, states: Iterable[str]) -> Names:
    """Return what stands inside an instance: its inputs and data, bare, and its states."""
    inside = outside.with_roots(known_fields(fields))
    return Names(
        roots=inside.roots,
        vars=inside.vars,
        conditions=inside.conditions,
        states=frozenset(states),
    )


def key_names(context: Context, inputs: Shape) -> Names:
    """Return what a key may be made of: inputs, which alone are known before there is one."""
    return Names(roots=known_fields(inputs), vars=context.vars, conditions={}, states=None)


def with_params(names: Names, params: Mapping[str, Known]) -> Names:
    """Add what came with a trigger; nothing else can be read below `params`."""
    return names.with_roots({"params": params})


def known_fields(shape: Shape) -> dict[str, Known]:
    """Return what may stand below each field of a shape."""
    return {name: known_below(schema) for name, schema in shape.fields.items()}


def known_below(schema: Record) -> Known:
    """Return what a schema lets stand below its value: nothing, its properties, or anything."""
    if schema.get("type") == "array":
        return LIST
    if schema.get("type") in LEAVES or _scalars(schema.get("enum")):
        return LEAF
    properties = schema.get("properties")
    if properties and schema.get("additionalProperties") is False:
        return {name: known_below(below) for name, below in properties.items()}
    return OPEN


def _scalars(values: Plain) -> bool:
    return bool(values) and not any(isinstance(value, dict) for value in values)


def shadow_problems(root: Tree, context: Context) -> Iterator[Problem]:
    """Give the inputs and data whose names mean something else already."""
    taken = taken_names() | dict.fromkeys(context.vars, "one of the house's `vars`")
    for section in ("inputs", "data"):
        fields = root.get(section)
        for key, _ in fields.entries if isinstance(fields, Tree) else ():
            name = str(key.value)
            if name in taken:
                message = f"`{name}` is {taken[name]} already"
                yield Problem(key.place, "shadow", message, "give it another name")
            taken.setdefault(name, f"one of the workflow's `{section}`")
