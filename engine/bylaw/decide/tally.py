"""One round over the rules of an action: what matched, what may, and the verdict of it all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, partial, reduce
from types import MappingProxyType
from typing import Any

from bylaw.base.plain import Record
from bylaw.decide.finding import default_finding, finding_of, veto_finding
from bylaw.decide.persona import Voiced, voices, weighed
from bylaw.decide.rule import Doubt, Outcome, counts
from bylaw.decide.truth import joined
from bylaw.model.condition import Env, Unresolved
from bylaw.model.decision import Consultation, Finding
from bylaw.model.index import BoundPolicy, BoundRule, RuleTable
from bylaw.model.policy import Effect, Policy

# A rule that matches or may, with which of the two.
Hit = tuple[BoundRule, Outcome]
# What somebody says, and how to hear the whole of it.
Said = tuple[Effect, Callable[[], Finding]]
# What a listing may not know yet, since it comes with the call.
LATER = ("params", "resource")
NOTHING: Record = MappingProxyType({})


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


class Tally:
    """What one round found. Filled by `tally_of` and only read afterwards.

    What a finding says is put into words when somebody asks for it.
    """

    __slots__ = (
        "_asked",
        "_doubts",
        "_env",
        "_open",
        "_said",
        "_shadow",
        "_table",
        "consultation",
        "verdict",
    )

    def __init__(self, table: RuleTable, env: Env, asked: Asked) -> None:
        """Begin with nothing found."""
        self._table = table
        self._env = env
        self._asked = asked
        self._said: list[Said] = []
        self._shadow: list[Said] = []
        # What is not known yet but could still make the verdict stricter.
        self._open: list[tuple[Effect, tuple[str, ...]]] = []
        self._doubts: dict[str, list[Unresolved]] = {}
        self.verdict = Effect.NONE
        self.consultation: Consultation | None = None

    def tell(self, verdict: Effect, name: str) -> Any:
        """Return a member of the decision that ends in this verdict."""
        return TELLERS[name](self, verdict)

    def of(self, effect: Effect) -> tuple[Finding, ...]:
        """Return the findings in force with this effect, in document order."""
        return tuple([heard() for one, heard in self._said if one is effect])

    def shadow(self) -> tuple[Finding, ...]:
        """Return what policies in shadow mode would have said."""
        return tuple([_resolved(heard()) for _, heard in self._shadow])

    def depends(self, verdict: Effect) -> tuple[str, ...]:
        """Return the names on which it depends whether the verdict gets stricter."""
        if not self._open:
            return ()
        stricter = [names for effect, names in self._open if effect.rank < verdict.rank]
        return tuple(dict.fromkeys(name for names in stricter for name in names))

    def claimed(self) -> Record:
        """Return the facts that only the caller's word stands for."""
        return claimed(self._table, self._env)

    def add(self, bound: BoundRule, outcome: Outcome) -> bool:
        """Add a rule if it counts as matched, and say so; keep what one in doubt did not know."""
        policy, rule = bound.policy, bound.rule
        if not self._asked.asks(policy):
            return False
        if outcome is not True:
            if isinstance(outcome, Doubt):
                self._doubts.setdefault(policy.name, []).append(outcome.unresolved)
                if self._left_open(outcome.unresolved, rule.effect, shadow=policy.shadow):
                    return False
            if not counts(rule, outcome):
                return False
        heard = partial(finding_of, rule, outcome, self._env)
        self._say(rule.effect, heard, shadow=policy.shadow)
        return True

    def add_default(self, bound: BoundPolicy) -> None:
        """Add the default of a policy of which no rule matched."""
        policy = bound.policy
        if not self._asked.asks(policy):
            return
        doubts = self._doubts.get(policy.name, ())
        unknown = reduce(joined, doubts, Unresolved())
        if not self._left_open(unknown, policy.default, shadow=policy.shadow):
            heard = partial(default_finding, bound, unknown, self._env)
            self._say(policy.default, heard, shadow=policy.shadow)

    def add_voice(self, voice: Voiced) -> None:
        """Add the denial of a persona that has a veto."""
        if not voice.opinion.veto or voice.check is None:
            return
        doubt = voice.doubt or Unresolved()
        if not self._left_open(doubt, Effect.DENY, shadow=False):
            heard = partial(veto_finding, voice, voice.check, self._env)
            self._say(Effect.DENY, heard, shadow=False)

    def _say(self, effect: Effect, heard: Callable[[], Finding], *, shadow: bool) -> None:
        if shadow:
            self._shadow.append((effect, heard))
            return
        self._said.append((effect, heard))
        if effect.rank < self.verdict.rank:
            self.verdict = effect

    def _left_open(self, unresolved: Unresolved, effect: Effect, *, shadow: bool) -> bool:
        """Say whether a listing cannot know this yet, and keep on which names it depends."""
        if not self._asked.listing:
            return False
        later = _later(unresolved.missing)
        if later and not shadow:
            self._open.append((effect, later))
        return bool(later)


TELLERS: dict[str, Callable[[Tally, Effect], Any]] = {
    "because": Tally.of,
    "warnings": lambda tally, _verdict: tally.of(Effect.WARN),
    "shadow": lambda tally, _verdict: tally.shadow(),
    "depends": Tally.depends,
    "claimed": lambda tally, _verdict: tally.claimed(),
    "consultation": lambda tally, _verdict: tally.consultation,
}


def tally_of(table: RuleTable, hits: Iterable[Hit], env: Env, asked: Asked) -> Tally:
    """Add up hits, then the defaults of policies and the vetoes of personas."""
    tally = Tally(table, env, asked)
    if not table.defaults:
        for bound, outcome in hits:
            tally.add(bound, outcome)
    else:
        spoken = {bound.policy.name for bound, outcome in hits if tally.add(bound, outcome)}
        for default in table.defaults:
            if default.policy.name not in spoken:
                tally.add_default(default)
    if table.personas and asked.only is None:
        _consult(tally, table, env, asked)
    return tally


def _consult(tally: Tally, table: RuleTable, env: Env, asked: Asked) -> None:
    """Ask the personas; a listing asks only those whose vote can deny, and weighs nothing."""
    if asked.listing:
        vetoing = tuple(one for one in table.personas if one.persona.veto)
        for voice in voices(vetoing, env, listing=True):
            tally.add_voice(voice)
        return
    voiced = voices(table.personas, env)
    tally.consultation = weighed(voiced)
    for voice in voiced:
        tally.add_voice(voice)


def claimed(table: RuleTable, env: Env) -> Record:
    """Return the facts that only the caller's word stands for."""
    if not table.facts:
        return NOTHING
    return {name: env[name] for name in table.facts if name in env}


@lru_cache(maxsize=4096)
def _later(missing: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names, of what was missing, that the call may still bring."""
    paths = [name.split(".") for name in missing]
    return tuple(dict.fromkeys(_later_name(path) for path in paths if path[0] in LATER))


def _later_name(path: list[str]) -> str:
    return path[1] if path[0] == "params" and len(path) > 1 else path[0]


def _resolved(finding: Finding) -> Finding:
    """Return the finding without changes whose value is not known."""
    known = {
        name: value for name, value in finding.change.items() if not isinstance(value, Unresolved)
    }
    return finding if len(known) == len(finding.change) else replace(finding, change=known)
