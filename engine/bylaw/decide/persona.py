"""Consultation: what personas say of a call, weighed by one fixed formula."""

from collections.abc import Callable
from dataclasses import dataclass

from bylaw.decide.index import table_of
from bylaw.decide.rule import unsent
from bylaw.decide.truth import both
from bylaw.model.action import Action
from bylaw.model.condition import Env, Truth, Unresolved
from bylaw.model.decision import Consultation, Opinion
from bylaw.model.index import BoundPersona
from bylaw.model.persona import Check
from bylaw.model.snapshot import Snapshot

VOTES = {"deny": -1, "warn": 0, "allow": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Voiced:
    """An opinion with the persona and the check behind it, and what that check did not know."""

    bound: BoundPersona
    opinion: Opinion
    check: Check | None = None
    doubt: Unresolved | None = None


def consult(snapshot: Snapshot, action: Action, env: Env) -> Consultation:
    """Return what every persona says that is consulted on the action, and their verdict."""
    return weighed(voices(table_of(snapshot, action).personas, env))


def voices(
    personas: tuple[BoundPersona, ...], env: Env, *, listing: bool = False
) -> tuple[Voiced, ...]:
    """Ask each persona. Its strictest check that holds is its vote; none holds: it abstains.

    A check that is not known is no vote, and the persona abstains with an error; the `deny` of
    one with a veto counts all the same, as every deny does.
    """
    asked = _listed_truth if listing else check_truth
    return tuple([_voice(bound, env, asked) for bound in personas])


def weighed(voiced: tuple[Voiced, ...]) -> Consultation:
    """Weigh the opinions.

    The score is the weighted mean of the votes (deny -1, warn 0, allow 1). The confidence is
    agreement (1 minus the weighted variance) times coverage (how many of the personas could
    judge) times the mean of their own confidence. The dissent has those who voted against the
    sign of the score.
    """
    voters = [voice for voice in voiced if voice.opinion.vote in VOTES]
    total = sum(_weight(voice) for voice in voters)
    opinions = tuple(voice.opinion for voice in voiced)
    if not voters or total <= 0:
        return Consultation(opinions=opinions)
    score = sum(_weight(voice) * _vote(voice) for voice in voters) / total
    variance = sum(_weight(voice) * (_vote(voice) - score) ** 2 for voice in voters) / total
    judged = sum(1 for voice in voiced if voice.doubt is None or voice.opinion.veto)
    own = sum(voice.opinion.confidence for voice in voters) / len(voters)
    return Consultation(
        opinions=opinions,
        score=score,
        confidence=(1 - variance) * (judged / len(voiced)) * own,
        dissent=tuple(v.opinion.persona for v in voters if _dissents(_vote(v), score)),
    )


def _weight(voice: Voiced) -> float:
    return voice.bound.persona.weight


def _vote(voice: Voiced) -> int:
    return VOTES[voice.opinion.vote]


def _dissents(vote: int, score: float) -> bool:
    return vote * score < 0 or (score == 0 and vote != 0)


def _voice(bound: BoundPersona, env: Env, asked: Callable[[Check, Env], Truth]) -> Voiced:
    doubt: Unresolved | None = None
    strictest: Check | None = None
    for check in bound.checks:
        truth = asked(check, env)
        if isinstance(truth, Unresolved):
            if bound.persona.veto and check.vote == "deny":
                return _spoken(bound, check, env, truth)
            doubt = doubt or truth
        elif truth and (strictest is None or VOTES[check.vote] < VOTES[strictest.vote]):
            strictest = check
    if strictest is None:
        silent = Opinion(persona=bound.persona.name, vote="abstain", confidence=0.0)
        return Voiced(bound=bound, opinion=silent, doubt=doubt)
    return _spoken(bound, strictest, env, None)


def check_truth(check: Check, env: Env) -> Truth:
    """Return whether a check holds: its `when`, and not its `unless`."""
    truth: Truth = check.when.test(env) if check.when is not None else True
    if check.unless is None or truth is False:
        return truth
    excused = check.unless.test(env)
    return both(truth, excused if isinstance(excused, Unresolved) else not excused)


def _listed_truth(check: Check, env: Env) -> Truth:
    """Return whether a check holds in a listing, where params may still come."""
    later = unsent(check.when, env)
    return Unresolved(missing=later) if later else check_truth(check, env)


def _spoken(bound: BoundPersona, check: Check, env: Env, doubt: Unresolved | None) -> Voiced:
    opinion = Opinion(
        persona=bound.persona.name,
        vote=check.vote,
        confidence=check.confidence,
        check=check.ref,
        advice=check.advice.say(env) if check.advice is not None else "",
        veto=bound.persona.veto and check.vote == "deny",
    )
    return Voiced(bound=bound, opinion=opinion, check=check, doubt=doubt)
