"""Generated charts: trees of states, and transitions between any of them."""

from dataclasses import dataclass

from hypothesis import strategies as st

from bylaw.base.plain import Plain

ACTIONS = ("go", "turn", "hold", "stop")
Tree = dict[str, "Tree"]


@dataclass(frozen=True)
class Chart:
    """A chart as plain content of a workflow, with the paths of its states."""

    content: dict[str, Plain]
    paths: tuple[str, ...]


@st.composite
def trees(draw: st.DrawFn, *, depth: int = 3) -> Tree:
    """Draw a tree of states whose names are unique, so that a path means one state."""
    count = iter(range(1000))

    def grow(level: int) -> Tree:
        size = draw(st.integers(2 if level == 0 else 1, 3))
        names = [f"s{next(count)}" for _ in range(size)]
        return {
            n: grow(level + 1) if level < depth - 1 and draw(st.booleans()) else {} for n in names
        }

    return grow(0)


def paths_of(tree: Tree, prefix: str = "") -> list[str]:
    """Return the dotted paths of a tree's states in document order."""
    found: list[str] = []
    for name, inner in tree.items():
        found += [prefix + name, *paths_of(inner, f"{prefix}{name}.")]
    return found


@st.composite
def plain_charts(draw: st.DrawFn) -> Chart:
    """Draw a chart without guards: what every kind of state machine understands alike."""
    tree = draw(trees())
    paths = tuple(paths_of(tree))

    def body(name: str, inner: Tree) -> dict[str, Plain]:
        names = draw(st.lists(st.sampled_from(ACTIONS), unique=True, max_size=3))
        targets = st.one_of(st.none(), st.sampled_from(paths))
        drawn = {action: draw(targets) for action in names}
        actions = {a: {"to": to} if to else {"description": "Stay."} for a, to in drawn.items()}
        own: dict[str, Plain] = {"actions": actions} if actions else {}
        return {**own, **inside(inner)}

    def inside(inner: Tree) -> dict[str, Plain]:
        if not inner:
            return {}
        initial = draw(st.sampled_from(list(inner)))
        return {"initial": initial, "states": {n: body(n, i) for n, i in inner.items()}}

    return Chart({**HEAD, **inside(tree)}, paths)


HEAD: dict[str, Plain] = {
    "kind": "workflow",
    "name": "chart",
    "key": "${id}",
    "inputs": {"id": {"type": "string"}},
    "data": {"n": {"type": "integer", "default": 0}},
}
GUARDS = ("n > 0", "n == 0", "n < 2", "n / n == 1", 'in_state("STATE")')
SENT: Plain = [{"action": "notify.send", "with": {"to": "x", "text": "${n}"}}]


@st.composite
def guarded_charts(draw: st.DrawFn) -> Chart:
    """Draw a chart with guards, choices, `always`, runs, timers and final states.

    What goes on by itself puts its own guard out, so that no circle is endless.
    """
    tree = draw(trees(depth=2))
    paths = tuple(paths_of(tree))
    target = st.sampled_from(paths)

    def guard() -> str:
        return draw(st.sampled_from(GUARDS)).replace("STATE", draw(target))

    def transition() -> dict[str, Plain]:
        made: dict[str, Plain] = {"do": SENT}
        made |= draw(st.sampled_from([{}, {"when": guard()}, {"unless": guard()}]))
        made |= draw(st.sampled_from([{}, {"set": {"n": "${n + 1}"}}, {"set": {"n": 0}}]))
        choice = [{"when": guard(), "state": draw(target)}, {"state": draw(target)}]
        made |= draw(
            st.sampled_from([{}, {"to": draw(target)}, {"to": choice}, {"to": choice[:1]}])
        )
        return made

    def leaf(*, last: bool) -> dict[str, Plain]:
        if last and draw(st.booleans()):
            return {"type": "final"}
        made: dict[str, Plain] = {}
        if draw(st.booleans()):
            made["always"] = {"when": "n > 2", "set": {"n": 0}, "to": draw(target)}
        if draw(st.booleans()):
            made |= {"run": SENT[0], "done": {"to": draw(target)}, "failed": transition()}
        if draw(st.booleans()):
            made["after"] = {"1h": transition()}
            made["every"] = {"5m": transition()}
        return made

    def body(inner: Tree, *, last: bool) -> dict[str, Plain]:
        made = inside(inner) if inner else leaf(last=last)
        if made.get("type") == "final":
            return made
        names = draw(st.lists(st.sampled_from(ACTIONS), unique=True, max_size=3))
        actions = {
            a: draw(st.sampled_from([transition(), [transition(), transition()]])) for a in names
        }
        return {**made, **({"actions": actions} if actions else {})}

    def inside(inner: Tree) -> dict[str, Plain]:
        names = list(inner)
        states = {n: body(inner[n], last=n == names[-1]) for n in names}
        ended = any(state.get("type") == "final" for state in states.values())
        once = {"when": "n < 2", "set": {"n": "${n + 1}"}, "to": draw(target)}
        done: dict[str, Plain] = {"done": once} if ended and inner is not tree else {}
        return {"initial": names[0], "states": states, **done}

    return Chart({**HEAD, **inside(tree)}, paths)
