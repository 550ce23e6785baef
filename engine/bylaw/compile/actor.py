"""Who is known: the actors that sign in by a token, and `local`, who has none."""

import hashlib
from collections.abc import Mapping

from bylaw.base.names import did_you_mean
from bylaw.base.node import Mapping as Tree
from bylaw.base.node import Node, Scalar, Sequence, plain
from bylaw.base.problem import Problem
from bylaw.compile.environment import Reader
from bylaw.model.actor import ENGINE, Actor
from bylaw.model.server import KnownActor

LOCAL = Actor(id="local", kind="agent")
# Ids that answers, history and audit have for somebody else.
RESERVED = {LOCAL.id: "whoever has no token", ENGINE.id: "the engine itself"}


def compile_actors(read: Reader, roles: frozenset[str]) -> dict[str, KnownActor]:
    """Return the actors by id; what is wrong with one is a problem at its place."""
    section = read.node("actors")
    if not isinstance(section, Tree):
        return {}
    known = {
        key.value: _actor(read, key, value, roles)
        for key, value in section.entries
        if isinstance(value, Tree)
    }
    for name, entry in known.items():
        _check_person(read, entry.actor, section.get(name), known)
    _check_names(read, section)
    _check_tokens(read, section, known)
    return known


def compile_local(read: Reader, roles: frozenset[str], known: Mapping[str, KnownActor]) -> Actor:
    """Return who a caller without a token is: an agent."""
    node = read.node(LOCAL.id)
    if not isinstance(node, Tree):
        return LOCAL
    _check_roles(read, node, roles)
    said = read.filled(node)
    works_for = said.get("works_for") or None
    local = Actor(
        id=LOCAL.id, kind=LOCAL.kind, roles=tuple(said.get("roles", ())), works_for=works_for
    )
    _check_person(read, local, node, known)
    return local


def hash_token(token: str) -> str:
    """Return what is kept of a token: its SHA-256. Tokens are random, so no salt is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _actor(read: Reader, key: Scalar, node: Tree, roles: frozenset[str]) -> KnownActor:
    said = read.filled(node)
    _check_roles(read, node, roles)
    token = str(said.get("token") or "")
    actor = Actor(
        id=key.value,
        kind=said["kind"],
        roles=tuple(said.get("roles", ())),
        works_for=said.get("works_for"),
    )
    return KnownActor(actor=actor, token_sha256=hash_token(token) if token else None)


def _check_roles(read: Reader, node: Tree, roles: frozenset[str]) -> None:
    listed = node.get("roles")
    for item in listed.items if isinstance(listed, Sequence) else ():
        word = plain(item)
        if word not in roles:
            hint = did_you_mean(str(word), roles) or "add it to `roles`"
            text = f"the role `{word}` is not one of `roles`"
            read.problems.append(Problem(item.place, "unknown-ref", text, hint))


def _check_person(
    read: Reader, actor: Actor, node: Node | None, known: Mapping[str, KnownActor]
) -> None:
    """See that somebody works for a person: what that one has bounds what this one gets."""
    boss = actor.works_for
    place = node.get("works_for") if isinstance(node, Tree) else None
    if boss is None or place is None:
        return
    people = [name for name, entry in known.items() if entry.actor.kind == "human"]
    if boss not in known:
        text = f"`{actor.id}` works for `{boss}`, who is not one of `actors`"
        hint = did_you_mean(boss, people) or "add the person"
    elif boss not in people:
        text = f"`{actor.id}` works for `{boss}`, who is not a person"
        hint = "name the person whose limits hold, of `kind: human`"
    else:
        return
    read.problems.append(Problem(place.place, "unknown-ref", text, hint))


def _check_names(read: Reader, section: Tree) -> None:
    for name, whose in RESERVED.items():
        if section.get(name) is not None:
            text = f"`{name}` is the id of {whose}"
            place = section.key(name).place
            read.problems.append(Problem(place, "name-taken", text, "take another id"))


def _check_tokens(read: Reader, section: Tree, known: Mapping[str, KnownActor]) -> None:
    seen: dict[str, str] = {}
    for name, entry in known.items():
        if entry.token_sha256 is None:
            continue
        other = seen.setdefault(entry.token_sha256, name)
        if other != name:
            text = f"`{name}` and `{other}` have the same token, so nobody could tell them apart"
            hint = "give each a token of its own"
            read.problems.append(Problem(section.key(name).place, "same-token", text, hint))
