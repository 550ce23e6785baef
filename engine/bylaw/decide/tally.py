"""One round over the rules of an action: what matched, what may, and the verdict of it all."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bylaw.decide.finding import default_finding, finding_of, veto_finding
from bylaw.decide.persona import Voiced, voices, weighed
from bylaw.decide.rule import Doubt, Outcome, counts
from bylaw.model.condition import Env, Unresolved
from bylaw.model.decision import Consultation, Finding
from bylaw.model.index import BoundPolicy, BoundRule, RuleTable
from bylaw.model.policy import Effect, Policy

# A rule that matches or may, with which of the two.
Hit = tuple[BoundRule, Outcome]
# What a listing may not know yet, since it comes with the call.
LATER = ("params", "resource")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which policies are asked, and whether what comes with the call is known."""

    listing: bool
    without: frozenset[str]
    only: str | None

    def asks(self, policy: Policy) -> bool:
        """Say whether this policy is asked. One that is `always` cannot be left out."""
        if self.only is not None:
            return policy.name == self.only
        return policy.always or policy.name not in self.without


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The outcome of one round: findings with whether their policy is in shadow mode.

    `open` has what depends on names that are not known yet: the effect it could have.
    """

    findings: tuple[tuple[bool, Finding], ...]
    open: tuple[tuple[Effect, tuple[str, ...]], ...]
    consultation: Consultation | None

    @property
    def verdict(self) -> Effect:
        """Return the strictest effect that is in force."""
        effects = (one.effect for is_shadow, one in self.findings if not is_shadow)
        return min(effects, key=lambda effect: effect.rank, default=Effect.NONE)

    def of(self, effect: Effect) -> tuple[Finding, ...]:
        """Return the findings in force with this effect, in document order."""
        return tuple(
            one for is_shadow, one in self.findings if one.effect is effect and not is_shadow
        )

    def shadow(self) -> tuple[Finding, ...]:
        """Return what policies in shadow mode would have said."""
        return tuple(_resolved(one) for is_shadow, one in self.findings if is_shadow)

    def depends(self, verdict: Effect) -> tuple[str, ...]:
        """Return the names on which it depends whether the verdict gets stricter."""
        stricter = (names for effect, names in self.open if effect.rank < verdict.rank)
        return tuple(dict.fromkeys(name for names in stricter for name in names))


def tally_of(table: RuleTable, hits: Iterable[Hit], env: Env, asked: Asked) -> Tally:
    """Turn hits into findings, then add the defaults of policies and the vetoes of personas."""
    round_ = _Round(env, asked)
    for bound, outcome in hits:
        round_.add(bound, outcome)
    for default in table.defaults:
        round_.add_default(default)
    voiced = voices(table.personas, env) if asked.only is None else ()
    for voice in voiced:
        round_.add_veto(voice)
    return Tally(
        findings=tuple(round_.findings),
        open=tuple(round_.open),
        consultation=weighed(voiced) if voiced else None,
    )


class _Round:
    """Gathers findings while one round runs."""

    def __init__(self, env: Env, asked: Asked) -> None:
        self._env = env
        self._asked = asked
        self._spoken: set[str] = set()
        self._doubts: dict[str, list[Unresolved]] = {}
        self.findings: list[tuple[bool, Finding]] = []
        self.open: list[tuple[Effect, tuple[str, ...]]] = []

    def add(self, bound: BoundRule, outcome: Outcome) -> None:
        """Add a rule that counts as matched; keep what one in doubt did not know."""
        policy, rule = bound.policy, bound.rule
        if not self._asked.asks(policy):
            return
        if isinstance(outcome, Doubt):
            self._doubts.setdefault(policy.name, []).append(outcome.unresolved)
            later = self._later(outcome.unresolved)
            if later:
                if not policy.shadow:
                    self.open.append((rule.effect, later))
                return
        if counts(rule, outcome):
            self._spoken.add(policy.name)
            self.findings.append((policy.shadow, finding_of(rule, outcome, self._env)))

    def add_default(self, bound: BoundPolicy) -> None:
        """Add the default of a policy of which no rule matched."""
        policy = bound.policy
        if policy.name in self._spoken or not self._asked.asks(policy):
            return
        doubts = self._doubts.get(policy.name, ())
        later = tuple(name for doubt in doubts for name in self._later(doubt))
        if later:
            self.open.append((policy.default, later))
            return
        self.findings.append((policy.shadow, default_finding(bound, doubts, self._env)))

    def add_veto(self, voice: Voiced) -> None:
        """Add the denial of a persona that has a veto."""
        if not voice.opinion.veto or voice.check is None:
            return
        later = self._later(voice.doubt) if voice.doubt is not None else ()
        if later:
            self.open.append((Effect.DENY, later))
            return
        self.findings.append((False, veto_finding(voice, voice.check, self._env)))

    def _later(self, unresolved: Unresolved) -> tuple[str, ...]:
        """Return the params that a listing does not know yet, by name, or `resource`."""
        if not self._asked.listing:
            return ()
        paths = (name.split(".") for name in unresolved.missing)
        return tuple(dict.fromkeys(_later_name(path) for path in paths if path[0] in LATER))


def _later_name(path: list[str]) -> str:
    return path[1] if path[0] == "params" and len(path) > 1 else path[0]


def _resolved(finding: Finding) -> Finding:
    """Return the finding without changes whose value is not known."""
    known = {
        name: value for name, value in finding.change.items() if not isinstance(value, Unresolved)
    }
    return finding if len(known) == len(finding.change) else replace(finding, change=known)
