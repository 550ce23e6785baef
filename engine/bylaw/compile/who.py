"""Who lists: roles, groups, `kind:agent` and `id:ana`, each word checked."""

from collections.abc import Mapping

from bylaw.base.names import did_you_mean
from bylaw.base.node import Node, Scalar, Sequence
from bylaw.base.problem import Problem
from bylaw.compile.context import Context
from bylaw.model.actor import Who
from bylaw.model.condition import Condition

KINDS = frozenset({"human", "agent", "service", "system"})


def compile_who(
    node: Node | None,
    context: Context,
    groups: Mapping[str, Condition],
    *,
    problems: list[Problem],
) -> Who | None:
    """Compile a who list; nothing where there is none, which means everybody."""
    if node is None:
        return None
    words = texts(node)
    for word in words:
        problems.extend(_problems(word, context, groups))
    said = [str(word.value) for word in words]
    return Who(
        roles=frozenset(word for word in said if ":" not in word and word not in groups),
        kinds=frozenset(word[5:] for word in said if word.startswith("kind:")),
        ids=frozenset(word[3:] for word in said if word.startswith("id:")),
        groups={word: groups[word] for word in said if word in groups},
        words=tuple(said),
    )


def texts(node: Node | None) -> tuple[Scalar, ...]:
    """Return the scalars of a list, or the one that stands alone."""
    items = node.items if isinstance(node, Sequence) else (node,)
    return tuple(item for item in items if isinstance(item, Scalar))


def _problems(word: Scalar, context: Context, groups: Mapping[str, Condition]) -> list[Problem]:
    text = str(word.value)
    prefix, colon, name = text.partition(":")
    if not colon:
        return [] if text in groups else _unknown(word, text, context.roles | groups.keys())
    if prefix == "kind":
        return [] if name in KINDS else _unknown(word, name, KINDS)
    if prefix == "id":
        return [] if name in context.actors else _unknown(word, name, context.actors)
    hint = "write a role, a group, `kind:agent` or `id:ana`"
    return [Problem(word.place, "unknown-ref", f"`{text}` names nobody", hint)]


def _unknown(word: Scalar, name: str, known: frozenset[str]) -> list[Problem]:
    if name in known:
        return []
    hint = did_you_mean(name, known) or "known are: " + ", ".join(sorted(known))
    what = {"kind": "a kind of actor", "id": "an actor of bylaw.yaml"}
    meant = what.get(str(word.value).partition(":")[0], "a role or a group")
    return [Problem(word.place, "unknown-ref", f"`{name}` is not {meant}", hint)]
