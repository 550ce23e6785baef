"""Conditions in a listing: what reads the call alone says the same until something is sent.

Most conditions are clauses joined by `and`, some of which read params or the resource and nothing
else. While none of that is there, their truth is known once and for all; the other clauses
decide, and nothing has to be walked through. Says exactly what `evaluate.truth` says.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bylaw.expr.code import fast_test
from bylaw.expr.evaluate import truth
from bylaw.expr.failure import FAILURES
from bylaw.expr.tree import Active, Both, Node, reads, walk
from bylaw.model.condition import Env, Truth

# What comes with a call, as far as nothing came.
NOTHING_SENT: Env = {"params": {}}
# A condition that is asked so often is worth compiling its other clauses.
OFTEN = 3


@dataclass(slots=True)
class Unsent:
    """A condition split in two: `known` clauses, and those that wait for `params`.

    `waiting` is what those say together while none of the params, nor the resource, is there.
    """

    known: Node
    waiting: Truth
    params: frozenset[str]
    needs_resource: bool
    asked: int = 0
    test: Callable[[Env], bool] | None = None

    def truth(self, env: Env) -> Truth | None:
        """Return the truth of the whole, or nothing where it has to be asked in full."""
        params = env.get("params")
        if type(params) is not dict or not self.params.isdisjoint(params):
            return None
        if self.needs_resource and "resource" in env:
            return None
        held = self._known(env)
        if held is False or self.waiting is False:
            return False
        return self.waiting if held is True else None

    def _known(self, env: Env) -> Truth | None:
        self.asked += 1
        if self.asked < OFTEN:
            return truth(self.known, env)
        if self.test is None:
            self.test = fast_test(self.known)
        try:
            return self.test(env)
        except FAILURES:
            return None


def unsent(root: Node) -> Unsent | None:
    """Return a condition split, or nothing where it has no clauses of both sorts."""
    if not isinstance(root, Both):
        return None
    waiting = tuple(part for part in root.parts if _waits(part))
    known = tuple(part for part in root.parts if not _waits(part))
    if not waiting or not known:
        return None
    later = _joined(root, waiting)
    names = reads(later)
    return Unsent(
        known=_joined(root, known),
        waiting=truth(later, NOTHING_SENT),
        params=frozenset(name.split(".")[1] for name in names if name.startswith("params.")),
        needs_resource=any(name.partition(".")[0] == "resource" for name in names),
    )


def _joined(root: Both, parts: tuple[Node, ...]) -> Node:
    return parts[0] if len(parts) == 1 else Both(text=root.text, parts=parts)


def _waits(part: Node) -> bool:
    """Say whether a clause reads named params or the resource, and nothing else."""
    names = [name.split(".") for name in reads(part)]
    if not names or any(isinstance(node, Active) for node in walk(part)):
        return False
    return all(name[0] == "resource" or (name[0] == "params" and name[1:]) for name in names)
