"""What to do instead: the part of a refusal that an agent can act on."""

from dataclasses import dataclass

from bylaw.base.plain import Record
from bylaw.model.condition import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """The author's `instead`: a sentence, an action with params, a command; any of them."""

    say: Value | None = None
    run: str | None = None
    params: Value | None = None
    command: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """An `instead` that was filled for one call. `params` is None where nothing was given."""

    say: str = ""
    run: str | None = None
    params: Record | None = None
    command: str | None = None
