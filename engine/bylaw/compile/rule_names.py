"""What the expressions of a policy or persona may name, and that nothing shadows anything."""

from collections.abc import Iterable, Iterator

from bylaw.base.names import SNAKE
from bylaw.base.node import Mapping as Tree
from bylaw.base.node import Scalar
from bylaw.base.problem import Problem
from bylaw.compile.context import Context, KnownAction
from bylaw.compile.field import section
from bylaw.compile.selector import FAMILIES, means_something, selected
from bylaw.expr.names import BASE_ROOTS, OPEN, Known, Names, taken_names
from bylaw.model.action import Selector

ELSEWHERE = ("result", "error", "secrets")
# The sections whose keys stand bare in expressions or who lists, and what such a key is.
BARE = {"facts": "a fact", "vars": "a var", "conditions": "a condition", "groups": "a group"}


def rule_names(context: Context, selector: Selector) -> Names:
    """Return the names of a document that looks at the actions of a selector."""
    roots = {name: known for name, known in BASE_ROOTS.items() if name not in ELSEWHERE}
    names = Names(roots=roots, vars=context.vars, conditions={}, states=None)
    return names.with_roots({"params": param_names(meant(context, selector), (selector,))})


def param_names(actions: Iterable[KnownAction], selectors: Iterable[Selector]) -> Known:
    """Return the params of some actions.

    Anything, where one of them takes any name, or may be a tool that is not known yet.
    """
    listed = tuple(actions)
    unknown = any(word.startswith(FAMILIES) for one in selectors for word in one.words)
    if unknown or any(action.params is None for action in listed):
        return OPEN
    return {name: OPEN for action in listed for name in sorted(action.params or ())}


def meant(context: Context, *selectors: Selector) -> tuple[KnownAction, ...]:
    """Return the actions that all of these select, for some resource at least."""
    first, *others = selectors
    return tuple(
        action
        for action in selected(first, context)
        if all(other.could_select(action.name, action.tags) for other in others)
    )


def never_meets(context: Context, narrow: Selector, wide: Selector) -> bool:
    """Say whether the narrower selector has nothing of the wider one.

    Not where one of them is a mistake of its own, or means tools that are not known yet.
    """
    unknown = any(word.startswith(FAMILIES) for word in (*narrow.words, *wide.words))
    sound = means_something(narrow, context) and means_something(wide, context)
    return sound and not unknown and not meant(context, narrow, wide)


def shadow_problems(root: Tree, context: Context) -> Iterator[Problem]:
    """Give the names of a policy that cannot be said, or that mean something else already."""
    taken = dict.fromkeys(context.roles, "a role of the house")
    taken |= dict.fromkeys(context.vars, "one of the house's `vars`")
    taken |= taken_names()
    for key, what in _bare(root):
        name = str(key.value)
        if not SNAKE.match(name):
            hint = "write it in `snake_case`"
            message = f"`{name}` cannot be named in an expression"
            yield Problem(key.place, "name", message, hint)
        elif name in taken:
            message = f"`{name}` is {taken[name]} already"
            yield Problem(key.place, "shadow", message, "give it another name")
        taken.setdefault(name, what)


def _bare(root: Tree) -> Iterator[tuple[Scalar, str]]:
    for name, what in BARE.items():
        keys = section(root, name)
        for key, _ in keys.entries if keys is not None else ():
            yield key, f"{what} of this policy"
