"""Values of `bylaw.yaml` with the environment filled in; no other document may name it."""

from collections.abc import Mapping

from bylaw.base.node import Mapping as Tree
from bylaw.base.node import Node, Scalar, Sequence
from bylaw.base.plain import Plain
from bylaw.base.problem import Problem
from bylaw.load.environment import Missing, substitute


class Reader:
    """Reads values of the document by path, with the environment filled in."""

    def __init__(self, root: Tree, environ: Mapping[str, str], problems: list[Problem]) -> None:
        """Read from `root`; variables that are not set go to `problems`."""
        self._root = root
        self._environ = environ
        self.problems = problems

    def node(self, *path: str) -> Node | None:
        """Return the node at a path of keys."""
        node: Node | None = self._root
        for key in path:
            node = node.get(key) if isinstance(node, Tree) else None
        return node

    def value(self, *path: str, default: Plain) -> Plain:
        """Return the value at a path, or the default."""
        node = self.node(*path)
        return default if node is None else self.filled(node)

    def text(self, *path: str, default: str = "") -> str:
        """Return the text at a path, or the default."""
        return str(self.value(*path, default=default))

    def section(self, name: str) -> Plain:
        """Return a whole section, or nothing."""
        node = self.node(name)
        return None if node is None else self.filled(node)

    def filled(self, node: Node) -> Plain:
        """Return a node's value with every `${NAME}` filled in."""
        match node:
            case Scalar(value=str() as text):
                return self._filled_text(text, node)
            case Scalar():
                return node.value
            case Sequence():
                return [self.filled(item) for item in node.items]
            case Tree():
                return {key.value: self.filled(value) for key, value in node.entries}

    def _filled_text(self, text: str, node: Scalar) -> str:
        found = substitute(text, self._environ)
        if not isinstance(found, Missing):
            return found
        self.problems.append(
            Problem(
                node.place,
                "environment",
                f"the environment variable `{found.name}` is not set",
                f"set it, or give a default: `${{{found.name}:-…}}`",
            )
        )
        return ""
