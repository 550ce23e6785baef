"""What fills a value: constants, expressions, texts joined of both, lists and records of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bylaw.base.plain import Plain
from bylaw.expr.code import fast_value
from bylaw.expr.evaluate import evaluate, failed, merged
from bylaw.expr.failure import FAILURES, reason
from bylaw.expr.text import plain_of, text_of
from bylaw.expr.tree import Node, reads
from bylaw.model.condition import Env, Unresolved

LONGEST = 100_000
LONGEST_SAID = 80
LONGEST_NAME = 40


class Filler(Protocol):
    """One part of a value. `fill` and `say` never raise."""

    @property
    def reads(self) -> frozenset[str]:
        """The dotted names that it can read."""

    @property
    def constant(self) -> bool:
        """Whether nothing is to be filled in."""

    def fill(self, env: Env) -> Plain | Unresolved:
        """Return the typed value, or what is missing."""

    def say(self, env: Env) -> str:
        """Return the text for people and agents."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value that stands as it is."""

    value: Plain
    reads: frozenset[str] = frozenset()
    constant: bool = True

    def fill(self, _env: Env) -> Plain:
        """Return the value."""
        return self.value

    def say(self, _env: Env) -> str:
        """Return its text."""
        return text_of(self.value)


class Inserted:
    """The value of an expression."""

    __slots__ = ("_root", "_run", "constant", "reads")

    def __init__(self, root: Node) -> None:
        """Compile the expression."""
        self._root = root
        self._run: Callable[[Env], Plain] = fast_value(root)
        self.reads = reads(root)
        self.constant = False

    def fill(self, env: Env) -> Plain | Unresolved:
        """Return the value, as JSON can say it."""
        try:
            return plain_of(self._run(env))
        except FAILURES:
            return self._carefully(env)

    def _carefully(self, env: Env) -> Plain | Unresolved:
        value = evaluate(self._root, env)
        if isinstance(value, Unresolved):
            return value
        try:
            return plain_of(value)
        except FAILURES as error:
            return failed(self._root, reason(error))

    def say(self, env: Env) -> str:
        """Return its text, cut and on one line; or that it is not known."""
        value = self.fill(env)
        if isinstance(value, Unresolved):
            return self._unknown(value)
        try:
            return flat(text_of(value))
        except FAILURES as error:
            return self._unknown(failed(self._root, reason(error)))

    def _unknown(self, why: Unresolved) -> str:
        name = why.missing[0].rpartition(".")[2] if why.missing else f"`{self._root.text}`"
        return f"({flat(name, longest=LONGEST_NAME)} is not known)"


def flat(text: str, *, longest: int = LONGEST_SAID) -> str:
    """Return the beginning of a text, without characters that cannot be seen."""
    short = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(one if one.isprintable() else " " for one in short)


class _Whole:
    """Something made of fillers."""

    __slots__ = ("constant", "parts", "reads")

    def __init__(self, parts: Sequence[Filler]) -> None:
        """Gather what the parts read."""
        self.parts = tuple(parts)
        self.reads = frozenset().union(*(part.reads for part in parts))
        self.constant = all(part.constant for part in parts)

    def known(self, env: Env) -> list[Plain] | Unresolved:
        """Return the values of all parts, or all that is missing."""
        values = [part.fill(env) for part in self.parts]
        unknown = [value for value in values if isinstance(value, Unresolved)]
        return merged(unknown) if unknown else values


class Joined(_Whole):
    """A text joined of texts and inserted values."""

    __slots__ = ()

    def fill(self, env: Env) -> Plain | Unresolved:
        """Return the whole text."""
        values = self.known(env)
        if isinstance(values, Unresolved):
            return values
        try:
            text = "".join(map(text_of, values))
        except FAILURES as error:
            return Unresolved(errors=(reason(error),))
        if len(text) > LONGEST:
            return Unresolved(errors=(f"the text is longer than {LONGEST} characters",))
        return text

    def say(self, env: Env) -> str:
        """Return the whole text, what is inserted cut."""
        return "".join(part.say(env) for part in self.parts)


class Listed(_Whole):
    """A list of values."""

    __slots__ = ()

    def fill(self, env: Env) -> Plain | Unresolved:
        """Return the list."""
        return self.known(env)

    def say(self, env: Env) -> str:
        """Return its items, one after the other."""
        return ", ".join(part.say(env) for part in self.parts)


class Recorded(_Whole):
    """A record of values; its keys stand as they are."""

    __slots__ = ("keys",)

    def __init__(self, fields: Mapping[str, Filler]) -> None:
        """Keep the names of the fields."""
        super().__init__(tuple(fields.values()))
        self.keys = tuple(fields)

    def fill(self, env: Env) -> Plain | Unresolved:
        """Return the record."""
        values = self.known(env)
        if isinstance(values, Unresolved):
            return values
        return dict(zip(self.keys, values, strict=True))

    def say(self, env: Env) -> str:
        """Return its fields, one after the other."""
        said = (part.say(env) for part in self.parts)
        return ", ".join(f"{key}: {text}" for key, text in zip(self.keys, said, strict=True))
