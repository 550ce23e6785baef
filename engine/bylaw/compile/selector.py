"""Selectors: which actions a document means; a word that means none is a mistake."""

import re

from bylaw.base.names import did_you_mean, nearest
from bylaw.base.node import Node, Scalar
from bylaw.base.place import Place
from bylaw.base.problem import Problem
from bylaw.compile.context import Context, KnownAction
from bylaw.compile.who import texts
from bylaw.model.action import Selector

# Tools of downstream servers and databases: their names are not known while content loads.
FAMILIES = ("mcp.", "sql.")
# The actions whose calls a selector can tell apart by the key of a record.
KEYED = ("context.read", "context.write", "context.*")
WORD = re.compile(r"(?P<name>[a-z*][a-zA-Z0-9_.*-]*)(?:\((?P<resource>[^()]+)\))?\Z")


def compile_selector(
    node: Node | None, context: Context, *, problems: list[Problem], place: Place | None = None
) -> Selector:
    """Compile a list of words. Without a list nothing is selected; `place` is then its place."""
    words = texts(node)
    for word in words:
        problems.extend(_problems(word, context))
    where = node.place if node is not None else place
    return Selector(words=tuple(str(word.value) for word in words), place=where or Place(""))


def selected(selector: Selector, context: Context) -> tuple[KnownAction, ...]:
    """Return the actions of the catalogue that a selector means, for any resource."""
    if selector.is_exact:
        known = (context.actions.get(word) for word in dict.fromkeys(selector.words))
        return tuple(action for action in known if action is not None)
    return context.selected(selector)


def means_something(selector: Selector, context: Context) -> bool:
    """Say whether every word of a selector selects an action, or a tool not known yet."""
    single = (Selector(words=(word,), place=selector.place) for word in selector.words)
    return all(one.words[0].startswith(FAMILIES) or selected(one, context) for one in single)


def _problems(word: Scalar, context: Context) -> list[Problem]:
    text = str(word.value)
    if text.startswith("tag:"):
        return _tag_problems(word, context)
    found = WORD.match(text)
    if found is None:
        hint = "write an action, `file.*`, `tag:read-only` or `context.write(tasks/**)`"
        return [Problem(word.place, "selector", f"`{text}` selects nothing", hint)]
    known = found["name"] in context.actions or "*" in found["name"]
    if found["resource"] and known and found["name"] not in KEYED:
        message = f"`{found['name']}` has no key that a selector could tell apart"
        hint = f"write `{found['name']}`, and a policy for what it may be used on"
        return [Problem(word.place, "selector", message, hint)]
    if text.startswith(FAMILIES) or selected(Selector(words=(text,), place=word.place), context):
        return []
    name = found["name"]
    hint = _family_hint(name, context)
    if "*" not in name:
        hint = did_you_mean(name, context.actions) or hint
    message = f"`{name}` selects no action" if "*" in name else f"`{name}` is not an action"
    return [Problem(word.place, "unknown-ref", message, hint)]


def _tag_problems(word: Scalar, context: Context) -> list[Problem]:
    tags = context.tags() | {"read-only", "destructive"}
    name = str(word.value)[4:]
    if name in tags:
        return []
    hint = did_you_mean(name, tags) or "known are: " + ", ".join(sorted(tags))
    return [Problem(word.place, "unknown-ref", f"no action has the tag `{name}`", hint)]


def _family_hint(name: str, context: Context) -> str:
    """Name the actions of the same family, else the family that may have been meant."""
    family = name.split(".", maxsplit=1)[0]
    kin = sorted(one for one in context.actions if one.startswith(f"{family}."))
    if kin:
        return "there are: " + ", ".join(kin[:5])
    families = {one.split(".")[0]: None for one in context.actions if "." in one}
    near = nearest(family, families, limit=1)
    return f"did you mean `{near[0]}.*`?" if near else ""
