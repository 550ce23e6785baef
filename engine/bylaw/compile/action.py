"""Actions of documents: params, result, tags, and the `http` call that carries them out."""

import re

from bylaw.base.host import host_of, may_call
from bylaw.base.names import did_you_mean
from bylaw.base.node import Mapping, Scalar, plain
from bylaw.base.plain import Plain
from bylaw.base.problem import Problem
from bylaw.compile.context import Context
from bylaw.compile.field import duration_s, flag, items, number, section, text, value
from bylaw.compile.shape import compile_shape
from bylaw.expr.names import BASE_ROOTS, LEAF, OPEN, Names
from bylaw.expr.value import compile_value
from bylaw.model.action import Action, ActionSource, HttpCall
from bylaw.model.condition import Value
from bylaw.model.document import Document
from bylaw.model.shape import Shape

ROOTS = ("actor", "action", "scope", "now", "workflow")
LATER = ("sql", "mcp", "update", "matches")
DEFAULT_TIMEOUT_S = 30.0
# The beginning of a value up to the first thing that a run fills in, with a var in front.
FRONT = re.compile(r"(?:\$\{\s*(?P<var>[a-z][a-z0-9_]*)\s*\})?(?P<text>[^$]*)(?P<rest>\$?)")


def compile_action(
    document: Document, context: Context, *, problems: list[Problem]
) -> Action | None:
    """Compile an action, or return nothing after appending the problems."""
    before = len(problems)
    root = document.root
    params = compile_shape(section(root, "params"), problems=problems)
    names = _names(params, context)
    problems.extend(_later(root))
    action = Action(
        name=document.name,
        description=text(root, "description"),
        source=ActionSource.HTTP if root.get("http") is not None else ActionSource.OUTSIDE,
        params=params,
        result=_result(root, problems),
        tags=_tags(root),
        idempotent=flag(root, "idempotent"),
        resource=value(root, "resource", names, problems=problems),
        http=_http(section(root, "http"), names, context, problems),
        place=document.place,
    )
    return action if len(problems) == before else None


def _names(params: Shape, context: Context) -> Names:
    """Return what an action may name: what is known of every call, whoever makes it."""
    roots = {name: known for name, known in BASE_ROOTS.items() if name in ROOTS}
    roots["params"] = dict.fromkeys(params.fields, OPEN)
    return Names(roots=roots, vars=context.vars, conditions={}, states=None)


def _later(root: Mapping) -> list[Problem]:
    return [
        Problem(root.key(key).place, "not-yet", f"`{key}` is not built yet")
        for key in LATER
        if root.get(key) is not None
    ]


def _result(root: Mapping, problems: list[Problem]) -> Shape | None:
    node = section(root, "result")
    return compile_shape(node, problems=problems, open=True) if node is not None else None


def _tags(root: Mapping) -> frozenset[str]:
    tags = {str(plain(item)) for item in items(root.get("tags"))}
    return frozenset(tags | {"destructive"} if flag(root, "destructive") else tags)


def _http(
    node: Mapping | None, names: Names, context: Context, problems: list[Problem]
) -> HttpCall | None:
    if node is None:
        return None
    secret = names.with_roots({"secrets": dict.fromkeys(context.secrets, LEAF)})
    problems.extend(_url_problems(node, context))
    url = value(node, "url", secret, problems=problems)
    if url is None:
        return None
    return HttpCall(
        method=text(node, "method", "POST"),
        url=url,
        headers=_headers(section(node, "headers"), secret, problems),
        body=value(node, "body", secret, problems=problems),
        timeout_s=duration_s(node, "timeout", problems=problems) or DEFAULT_TIMEOUT_S,
        retry=int(number(node, "retry", 0)),
        place=node.place,
    )


def _headers(node: Mapping | None, names: Names, problems: list[Problem]) -> dict[str, Value]:
    entries = node.entries if node is not None else ()
    compiled = {
        str(key.value): compile_value(header, names, problems=problems) for key, header in entries
    }
    return {name: header for name, header in compiled.items() if header is not None}


def _url_problems(node: Mapping, context: Context) -> list[Problem]:
    """Return what is wrong with the part of the address that is known while content loads.

    A host that a run fills in is checked by whoever makes the call.
    """
    url = node.get("url")
    if not isinstance(url, Scalar):
        return []
    front, whole = _known_front(str(url.value), context)
    host = host_of(front)
    if host is None:
        return [] if not whole and _may_become_address(front) else [_no_address(url)]
    # Without its end in sight, a filled-in part could still continue the host.
    ended = whole or any(mark in front.partition("://")[2] for mark in "/?#")
    if not ended or may_call(host, context.hosts):
        return []
    hint = did_you_mean(host, context.hosts) or "add it to `http: {hosts: […]}` in bylaw.yaml"
    message = f"`{host}` is not a host that may be called"
    return [Problem(url.place, "host", message, hint)]


def _known_front(said: str, context: Context) -> tuple[str, bool]:
    """Return the text in front of the first part that a run fills in, and whether it is all."""
    found = FRONT.match(said)
    if found is None:
        return said, True
    var = found["var"]
    if var is not None and var not in context.vars:
        return "", False
    front: Plain = context.vars[var] if var is not None else ""
    return f"{front}{found['text']}", not found["rest"]


def _may_become_address(front: str) -> bool:
    scheme, slashes, host = front.partition("://")
    if slashes:
        return scheme in {"http", "https"} and not host
    return "https://".startswith(front) or "http://".startswith(front)


def _no_address(url: Scalar) -> Problem:
    hint = "write it as `https://ci.acme.example/runs`"
    return Problem(url.place, "host", f"`{url.value}` names no host that can be called", hint)
