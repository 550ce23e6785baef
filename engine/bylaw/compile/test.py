"""Tests of a house: the document, its actors, its time, and its cases. Flows are in `flow`."""

from collections.abc import Iterator
from datetime import UTC, datetime

from bylaw.base.names import did_you_mean
from bylaw.base.node import Mapping, Node, Scalar, plain
from bylaw.base.plain import Plain
from bylaw.base.problem import Problem
from bylaw.compile.context import Context
from bylaw.compile.field import items, place_of_name, records, same_names, section, text
from bylaw.compile.flow import compile_flow
from bylaw.compile.staging import Staging
from bylaw.model.actor import Actor
from bylaw.model.document import Document
from bylaw.model.policy import Effect
from bylaw.model.test import Case, Expectation, Suite

# When a test says no time; a Thursday.
DEFAULT_NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
# What a variant may say, before its case, before `given`.
FIELDS = ("actor", "now", "action", "params", "resource", "session", "facts", "phase", "expect")
NEEDED = {"actor": "ana", "action": "file.read", "expect": "deny"}
# Tools of other servers are not known before these are asked.
ELSEWHERE = "mcp."

Fields = dict[str, Node]


def compile_test(document: Document, context: Context, *, problems: list[Problem]) -> Suite | None:
    """Compile a test document, or return nothing after appending the problems."""
    before = len(problems)
    root = document.root
    actors = _actors(section(root, "actors"), context, problems)
    known = frozenset((*actors, *context.actors, "local"))
    staging = Staging(context=context, actors=known, now=DEFAULT_NOW, problems=problems)
    staging = staging.at(root.get("now"))
    listed, walks = records(root.get("cases")), records(root.get("flows"))
    problems += (*same_names(listed, "cases"), *same_names(walks, "flows"))
    cases = [case for one in listed for case in _cases(root, one, staging)]
    flows = [compile_flow(one, staging) for one in walks]
    suite = Suite(
        name=document.name,
        description=text(root, "description"),
        actors=actors,
        cases=tuple(case for case in cases if case is not None),
        flows=tuple(flow for flow in flows if flow is not None),
        place=document.place,
    )
    return suite if len(problems) == before else None


def _actors(node: Mapping | None, context: Context, problems: list[Problem]) -> dict[str, Actor]:
    entries = node.entries if node is not None else ()
    known = {str(key.value) for key, _ in entries} | context.actors
    for _, said in entries:
        if isinstance(said, Mapping):
            problems += (*_unknown_roles(said, context), *_unknown_person(said, known))
    return {str(key.value): _actor(str(key.value), plain(said)) for key, said in entries}


def _actor(name: str, said: Plain) -> Actor:
    return Actor(
        id=name,
        kind=said["kind"],
        roles=tuple(said.get("roles", ())),
        works_for=said.get("works_for"),
    )


def _unknown_roles(said: Mapping, context: Context) -> Iterator[Problem]:
    for item in items(said.get("roles")):
        word = str(plain(item))
        if word not in context.roles:
            hint = did_you_mean(word, context.roles) or "add it to `roles` of `bylaw.yaml`"
            message = f"the role `{word}` is not one of `roles`"
            yield Problem(item.place, "unknown-ref", message, hint)


def _unknown_person(said: Mapping, known: set[str]) -> Iterator[Problem]:
    node = said.get("works_for")
    if isinstance(node, Scalar) and node.value not in known:
        message = f"`{node.value}` is not an actor"
        hint = did_you_mean(str(node.value), known) or "add it to `actors`"
        yield Problem(node.place, "unknown-ref", message, hint)


def _cases(root: Mapping, one: Mapping, staging: Staging) -> Iterator[Case | None]:
    """Give a case, or each variant of its matrix."""
    said = {**_fields(section(root, "given")), **_fields(one)}
    name, variants = text(one, "name"), records(one.get("matrix"))
    if not variants:
        yield _case(name, said, one, staging)
    for number, variant in enumerate(variants, 1):
        yield _case(f"{name} ({number})", {**said, **_fields(variant)}, variant, staging)


def _fields(node: Mapping | None) -> Fields:
    found = {name: node.get(name) for name in FIELDS} if node is not None else {}
    return {name: one for name, one in found.items() if one is not None}


def _case(name: str, said: Fields, node: Mapping, staging: Staging) -> Case | None:
    place = place_of_name(node)
    lacking = [key for key in NEEDED if key not in said]
    for key in lacking:
        hint = f"add `{key}: {NEEDED[key]}`"
        staging.problems.append(Problem(place, "missing-key", f"this case has no `{key}`", hint))
    if lacking:
        return None
    staging.actor(said["actor"])
    if not str(plain(said["action"])).startswith(ELSEWHERE):
        staging.action(said["action"])
    return Case(
        name=name,
        actor=_plain(said, "actor"),
        now=staging.at(said.get("now")).now,
        action=_plain(said, "action"),
        params=_plain(said, "params") or {},
        facts=_facts(said),
        resource=_plain(said, "resource"),
        expect=_expectation(plain(said["expect"])),
        place=place,
    )


def _plain(said: Fields, name: str) -> Plain:
    return plain(said[name]) if name in said else None


def _facts(said: Fields) -> dict[str, Plain]:
    """Return what the caller sends; of the session too, as callers send it."""
    session = _plain(said, "session")
    return {**(_plain(said, "facts") or {}), **({"session": session} if session else {})}


def _expectation(said: Plain) -> Expectation:
    if isinstance(said, str):
        return Expectation(verdict=Effect(said))
    missing, approvers = said.get("missing"), said.get("approvers")
    return Expectation(
        verdict=Effect(said["verdict"]),
        rule=said.get("rule"),
        message=said.get("message"),
        missing=None if missing is None else tuple(missing),
        approvers=tuple(approvers) if isinstance(approvers, list) else approvers,
        needs=said.get("needs"),
    )
