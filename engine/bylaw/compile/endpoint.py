"""`endpoints` in `bylaw.yaml`: where each is found, and which tools it has under which names."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bylaw.base.names import did_you_mean
from bylaw.base.node import Mapping as Tree
from bylaw.base.node import Node, Scalar, Sequence
from bylaw.base.problem import Problem
from bylaw.compile.context import Context
from bylaw.compile.environment import Reader
from bylaw.compile.link import Linked
from bylaw.compile.selector import compile_selector
from bylaw.compile.who import texts
from bylaw.load.wording import not_yet
from bylaw.model.action import Action, ActionSource, Selector
from bylaw.model.endpoint import BUILT_IN, MAIN, Endpoint

GATEWAY = "gateway"
GATEWAY_TOOLS = frozenset(
    {
        *("get_available_actions", "get_workflow_state", "get_policy", "get_context_data"),
        *("run_action", "update_context", "trigger_event", "enforce"),
    }
)
# What REST has for itself; `/policy/mcp` and the like may stand beside `/policy/{name}`.
REST = frozenset(
    {
        *("/actions", "/workflow/state", "/policy", "/context", "/action", "/event", "/enforce"),
        *("/enforcement/status", "/health", "/docs", "/openapi.json"),
    }
)
HEALTH = "/health/"
# Names that the audit has for callers who come in elsewhere.
RESERVED = {
    "stdio": "callers over standard input",
    "background": "the engine's own work",
    "test": "the tests of the house",
}
# What every client takes as the name of a tool.
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")
LONGEST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What endpoints may name: the linked house, and the context that selectors are read in."""

    linked: Linked
    context: Context


def compile_endpoints(read: Reader, names: Names) -> dict[str, Endpoint]:
    """Return the endpoints by name, `main` first; what is wrong goes to the problems of `read`.

    Where none is called `main`, `/mcp` has the eight tools.
    """
    section = read.node("endpoints")
    entries = section.entries if isinstance(section, Tree) else ()
    said = {
        str(key.value): _endpoint(str(key.value), node, read, names)
        for key, node in entries
        if isinstance(node, Tree)
    }
    if isinstance(section, Tree):
        read.problems.extend(_places_taken(section, said))
    main = said.get(MAIN.name, MAIN)
    return {MAIN.name: main, **said}


def _endpoint(name: str, node: Tree, read: Reader, names: Names) -> Endpoint:
    path = ("endpoints", name)
    problems = read.problems
    problems.extend(_unbuilt(node))
    problems.extend(_access_problems(node.get("access"), names.linked))
    problems.extend(_without_problems(node.get("without"), names.linked))
    prefix = read.text(*path, "prefix")
    words = [word for word in texts(node.get("tools")) if word.value != GATEWAY]
    selector = _selector(node.get("tools"), words, names.context, problems)
    chosen = [a for a in names.linked.actions.values() if selector.could_select(a.name, a.tags)]
    gateway = len(words) < len(texts(node.get("tools")))
    tools = {tool_name(action, prefix): action.name for action in chosen}
    taken = GATEWAY_TOOLS if gateway else frozenset[str]()
    for action in chosen:
        word = _word_of(action, words)
        problems.extend(_name_problems(action, prefix, word))
        problems.extend(_clash(action, tools, taken, prefix=prefix, word=word))
    return Endpoint(
        name=name,
        path=read.text(*path, "path"),
        gateway=gateway,
        tools=tools,
        access=read.text(*path, "access") or None,
        without=frozenset(str(word.value) for word in texts(node.get("without"))),
        title=read.text(*path, "title"),
        instructions=read.text(*path, "instructions"),
        place=node.place,
    )


def tool_name(action: Action, prefix: str) -> str:
    """Return what an action is called as a tool: the last part of its name, after a prefix."""
    last = action.name.rpartition(".")[2]
    return f"{prefix}_{last}" if prefix else last


def _selector(
    node: Node | None, words: list[Scalar], context: Context, problems: list[Problem]
) -> Selector:
    if node is None or not words:
        return Selector(words=(), place=BUILT_IN)
    for word in words:
        if "(" in str(word.value):
            text = f"`{word.value}` names a key, and a tool is for every key"
            hint = "name the action; `access` and policies say which records may be touched"
            problems.append(Problem(word.place, "selector", text, hint))
    asked = Sequence(items=tuple(words), place=node.place)
    return compile_selector(asked, context, problems=problems)


def _word_of(action: Action, words: list[Scalar]) -> Scalar:
    """Return the word of `tools` that selects an action."""
    for word in words:
        one = Selector(words=(str(word.value),), place=word.place)
        if one.could_select(action.name, action.tags):
            return word
    return words[0]


def _unbuilt(node: Tree) -> Iterator[Problem]:
    scope = node.get("scope")
    if isinstance(scope, Scalar) and scope.value != "main":
        yield not_yet(node.key("scope"), str(scope.value))


def _access_problems(node: Node | None, linked: Linked) -> Iterator[Problem]:
    if isinstance(node, Scalar) and node.value not in linked.modes:
        text = f"there is no access mode `{node.value}`"
        yield Problem(node.place, "unknown-ref", text, _near(str(node.value), linked.modes))


def _without_problems(node: Node | None, linked: Linked) -> Iterator[Problem]:
    for word in texts(node):
        policy = linked.policies.get(str(word.value))
        if policy is None:
            text = f"there is no policy `{word.value}`"
            yield Problem(word.place, "unknown-ref", text, _near(str(word.value), linked.policies))
        elif policy.always:
            text = f"`{word.value}` is `always`, so no endpoint can leave it out"
            hint = f"remove it here, or `always` in {policy.place.short}"
            yield Problem(word.place, "always", text, hint)


def _near(name: str, known: Mapping[str, object]) -> str:
    return did_you_mean(name, known) or f"known are: {', '.join(sorted(known)) or 'none'}"


def _name_problems(action: Action, prefix: str, word: Scalar) -> Iterator[Problem]:
    name = tool_name(action, prefix)
    if len(name) > LONGEST:
        text = f"the tool `{name}` has {len(name)} characters; clients take {LONGEST}"
        yield Problem(word.place, "tool-name", text, "take a shorter `prefix`, or leave it out")
    elif not TOOL_NAME.match(name):
        text = f"clients do not take `{name}` as the name of a tool"
        hint = "letters, digits, `_` and `-` make a name; change `prefix`, or leave this one out"
        yield Problem(word.place, "tool-name", text, hint)
    if action.source is ActionSource.WORKFLOW and "instance" in action.params.fields:
        text = f"`{action.name}` has a param `instance`, as which its tool takes the instance"
        yield Problem(word.place, "tool-name", text, "rename the param")


def _clash(
    action: Action, tools: Mapping[str, str], taken: frozenset[str], *, prefix: str, word: Scalar
) -> Iterator[Problem]:
    name = tool_name(action, prefix)
    if name in taken:
        text = f"`{action.name}` would be the tool `{name}`, which the gateway has already"
        yield Problem(word.place, "duplicate", text, "give the endpoint a `prefix`")
    elif tools[name] != action.name:
        text = f"`{action.name}` and `{tools[name]}` would both be the tool `{name}`"
        hint = (
            "name in `tools` the one that is meant, or give one an endpoint with its own `prefix`"
        )
        yield Problem(word.place, "duplicate", text, hint)


def _places_taken(section: Tree, said: Mapping[str, Endpoint]) -> Iterator[Problem]:
    """Give the names and paths that are somebody else's."""
    first = {} if MAIN.name in said else {MAIN.path: MAIN.name}
    for key, node in section.entries:
        name = str(key.value)
        if name in RESERVED:
            text = f"`{name}` is what the audit calls {RESERVED[name]}"
            yield Problem(key.place, "name-taken", text, "take another name")
        path = node.get("path") if isinstance(node, Tree) else None
        if path is None or name not in said:
            continue
        at = said[name].path
        if at in REST or at.startswith(HEALTH):
            text = f"`{at}` belongs to REST"
            hint = f"take another path, such as `{_elsewhere(name, at)}`"
            yield Problem(path.place, "path-taken", text, hint)
        elif first.setdefault(at, name) != name:
            text = f"`{at}` is the path of the endpoint `{first[at]}` already"
            hint = f"take another path, such as `{_elsewhere(name, at)}`"
            if first[at] == MAIN.name and MAIN.name not in said:
                hint += ", or call this one `main`"
            yield Problem(path.place, "path-taken", text, hint)


def _elsewhere(name: str, at: str) -> str:
    usual = f"/{name}/mcp"
    return f"/mcp/{name}" if usual == at or usual.startswith(HEALTH) else usual
