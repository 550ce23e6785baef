"""Access modes: whom they are for, when they hold, and which actions they grant."""

from bylaw.base.problem import Problem
from bylaw.compile.context import Context
from bylaw.compile.field import condition, text
from bylaw.compile.selector import compile_selector
from bylaw.compile.who import compile_who
from bylaw.expr.names import BASE_ROOTS, LEAF, LIST, Names
from bylaw.model.access import AccessMode
from bylaw.model.document import Document

# A mode holds for a caller, whatever it then asks for: neither `action` nor `params`.
ROOTS = ("actor", "session", "scope", "now")


def compile_access(
    document: Document, context: Context, *, problems: list[Problem]
) -> AccessMode | None:
    """Compile an access mode, or return nothing after appending the problems."""
    before = len(problems)
    root = document.root
    mode = AccessMode(
        name=document.name,
        description=text(root, "description"),
        who=compile_who(root.get("who"), context, {}, problems=problems),
        when=condition(root, "when", _names(context), problems=problems),
        allow=compile_selector(root.get("allow"), context, problems=problems, place=root.place),
        excepted=compile_selector(
            root.get("except"), context, problems=problems, place=root.place
        ),
        place=document.place,
    )
    return mode if len(problems) == before else None


def _names(context: Context) -> Names:
    roots = {name: known for name, known in BASE_ROOTS.items() if name in ROOTS}
    # Which modes an actor has is what is being found out.
    roots["actor"] = {**dict.fromkeys(("id", "kind", "works_for"), LEAF), "roles": LIST}
    return Names(roots=roots, vars=context.vars, conditions={}, states=None)
