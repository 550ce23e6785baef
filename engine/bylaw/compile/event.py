"""Events: who may report them, and what comes with them."""

from bylaw.base.problem import Problem
from bylaw.compile.context import Context
from bylaw.compile.field import section, text
from bylaw.compile.shape import compile_shape
from bylaw.compile.who import compile_who
from bylaw.model.document import Document
from bylaw.model.event import Event


def compile_event(
    document: Document, context: Context, *, problems: list[Problem]
) -> Event | None:
    """Compile an event, or return nothing after appending the problems."""
    before = len(problems)
    root = document.root
    event = Event(
        name=document.name,
        description=text(root, "description"),
        who=compile_who(root.get("who"), context, {}, problems=problems),
        params=compile_shape(section(root, "params"), problems=problems),
        place=document.place,
    )
    return event if len(problems) == before else None
