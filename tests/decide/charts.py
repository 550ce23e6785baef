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


class Drawing:
    """Draws the parts of a chart with guards over one tree."""

    def __init__(self, draw: st.DrawFn, tree: Tree) -> None:
        self._draw = draw
        self._tree = tree
        self._target = st.sampled_from(paths_of(tree))

    def content(self) -> dict[str, Plain]:
        return {**HEAD, **self.inside(self._tree)}

    def target(self) -> str:
        return self._draw(self._target)

    def maybe(self) -> bool:
        return self._draw(st.booleans())

    def one_of(self, *parts: dict[str, Plain]) -> dict[str, Plain]:
        return self._draw(st.sampled_from(parts))

    def guard(self) -> str:
        return self._draw(st.sampled_from(GUARDS)).replace("STATE", self.target())

    def transition(self) -> dict[str, Plain]:
        choice = [{"when": self.guard(), "state": self.target()}, {"state": self.target()}]
        return {
            **self.one_of({}, {"do": SENT}),
            **self.one_of({}, {"when": self.guard()}, {"unless": self.guard()}),
            **self.one_of({}, {"set": {"n": "${n + 1}"}}, {"set": {"n": 0}}),
            **self.one_of({}, {"to": self.target()}, {"to": choice}, {"to": choice[:1]}),
        }

    def leaf(self) -> dict[str, Plain]:
        always = {"when": "n > 2", "set": {"n": 0}, "to": self.target()}
        run = {"run": SENT[0], "done": {"to": self.target()}, "failed": self.transition()}
        timers = {"after": {"1h": self.transition()}, "every": {"5m": self.transition()}}
        return {
            **self.one_of({}, {"always": always}),
            **self.one_of({}, run),
            **self.one_of({}, timers),
        }

    def state(self, inner: Tree, *, last: bool) -> dict[str, Plain]:
        if not inner and last and self.maybe():
            return {"type": "final"}
        made = self.inside(inner) if inner else self.leaf()
        names = self._draw(st.lists(st.sampled_from(ACTIONS), unique=True, max_size=3))
        actions = {name: self.action() for name in names}
        return {**made, "actions": actions} if actions else made

    def action(self) -> Plain:
        return [self.transition(), self.transition()] if self.maybe() else self.transition()

    def inside(self, inner: Tree) -> dict[str, Plain]:
        names = list(inner)
        states = {name: self.state(inner[name], last=name == names[-1]) for name in names}
        ended = any(state.get("type") == "final" for state in states.values())
        once = {"when": "n < 2", "set": {"n": "${n + 1}"}, "to": self.target()}
        done: dict[str, Plain] = {"done": once} if ended and inner is not self._tree else {}
        return {"initial": names[0], "states": states, **done}


@st.composite
def guarded_charts(draw: st.DrawFn) -> Chart:
    """Draw a chart with guards, choices, `always`, runs, timers and final states.

    What goes on by itself puts its own guard out, so that no circle is endless.
    """
    tree = draw(trees(depth=2))
    return Chart(Drawing(draw, tree).content(), tuple(paths_of(tree)))
