"""The outcome of a decision, with everything that an answer or a replay needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bylaw.base.draft import draft_of
from bylaw.base.place import Place
from bylaw.base.plain import Plain, Record
from bylaw.model.advice import Advice
from bylaw.model.condition import Clause
from bylaw.model.policy import Approval, Effect

# Gives a member by its name, from what a decision saw; pure, so that it does not matter when.
Teller = Callable[[str], Any]


class Told:
    """Members that are told when they are read first: most calls ask for few of them.

    A slot without a value is filled by the `teller`. It gives the same whenever it is asked,
    since what it goes by does not change.
    """

    __slots__: tuple[str, ...] = ()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Tell a member that nobody has asked for so far."""
            if name not in type(self).__slots__:
                raise AttributeError(name)
            value = self.teller(name)
            object.__setattr__(self, name, value)
            return value

    def tell_all(self) -> None:
        """Fill every slot, and let go of the teller."""
        for name in type(self).__slots__:
            getattr(self, name)
        object.__setattr__(self, "teller", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Told):
    """One rule that matched: what it says for this call, and the clauses that decided.

    `missing` are the dotted names that were not there, so that the rule counted as matched.
    """

    rule: str
    place: Place
    effect: Effect
    message: str = ""
    message_user: str = ""
    clauses: tuple[Clause, ...] = ()
    missing: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    advice: Advice | None = None
    approval: Approval | None = None
    change: Mapping[str, Plain] = field(default_factory=dict)
    teller: Teller | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one consulted persona says. `vote` is `allow`, `warn`, `deny` or `abstain`."""

    persona: str
    vote: str
    confidence: float
    check: str = ""
    advice: str = ""
    veto: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """All opinions, and their weighted verdict (from -1 to 1) and confidence (0 to 1)."""

    opinions: tuple[Opinion, ...] = ()
    score: float = 0.0
    confidence: float = 0.0
    dissent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Told):
    """The verdict on one call.

    `because` has the findings that made the verdict, `warnings` those that only warn,
    `shadow` those of policies in shadow mode. `depends` names params not yet known on which
    the verdict depends (in listings alone). `params` are the params after transforms.
    `claimed` are the facts that only the caller's word stands for.
    """

    verdict: Effect
    params: Record
    because: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    shadow: tuple[Finding, ...] = ()
    depends: tuple[str, ...] = ()
    claimed: Record = field(default_factory=dict)
    consultation: Consultation | None = None
    teller: Teller | None = field(default=None, compare=False, repr=False)

    @property
    def allowed(self) -> bool:
        """Say whether the call may go ahead."""
        return self.verdict not in (Effect.DENY, Effect.ASK)

    def whole(self) -> "Decision":
        """Tell everything, so that it can be kept without what it was decided on."""
        for one in (self, *self.because, *self.warnings, *self.shadow):
            one.tell_all()
        return self


FINDING, DECISION = draft_of(Finding), draft_of(Decision)
new = object.__new__


def finding(rule: str, place: Place, effect: Effect, *, teller: Teller) -> Finding:
    """Return a finding that tells the rest when it is read."""
    made: Any = new(FINDING)
    made.rule, made.place, made.effect, made.teller = rule, place, effect, teller
    made.__class__ = Finding
    found: Finding = made
    return found


def decision(verdict: Effect, params: Record, *, teller: Teller) -> Decision:
    """Return a decision that tells the rest when it is read."""
    made: Any = new(DECISION)
    made.verdict, made.params, made.teller = verdict, params, teller
    made.__class__ = Decision
    found: Decision = made
    return found
