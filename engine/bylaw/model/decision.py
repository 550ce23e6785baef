"""The outcome of a decision, with everything that an answer or a replay needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bylaw.base.place import Place
from bylaw.base.plain import Plain, Record
from bylaw.model.advice import Advice
from bylaw.model.condition import Clause
from bylaw.model.policy import Approval, Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
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
class Decision:
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

    @property
    def allowed(self) -> bool:
        """Say whether the call may go ahead."""
        return self.verdict not in (Effect.DENY, Effect.ASK)


def undisputed(params: Record) -> Decision:
    """Return the decision that nobody has said anything.

    Most calls end so: the fields are filled without the checks of a frozen class, which would
    cost more than asking the rules.
    """
    decision = object.__new__(Decision)
    for fill, value in UNDISPUTED:
        fill(decision, value)
    PARAMS(decision, params)
    return decision


PARAMS = Decision.__dict__["params"].__set__
SILENT: Record = {
    "verdict": Effect.NONE,
    "because": (),
    "warnings": (),
    "shadow": (),
    "depends": (),
    "claimed": MappingProxyType({}),
    "consultation": None,
}
UNDISPUTED = tuple((Decision.__dict__[name].__set__, value) for name, value in SILENT.items())
