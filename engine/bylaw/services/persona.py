"""What consulted personas say, as answers show it."""

from bylaw.base.plain import Plain
from bylaw.model.decision import Decision, Opinion


def consulted(decision: Decision) -> dict[str, Plain]:
    """Return the member `personas` of an explained answer, or nothing."""
    consultation = decision.consultation
    if consultation is None or not consultation.opinions:
        return {}
    return {
        "personas": {
            "score": round(consultation.score, 3),
            "confidence": round(consultation.confidence, 3),
            "opinions": [opinion(one) for one in consultation.opinions],
            "dissent": list(consultation.dissent),
        }
    }


def opinion(one: Opinion) -> dict[str, Plain]:
    """Return one opinion without its empty members."""
    said: dict[str, Plain] = {
        "persona": one.persona,
        "vote": one.vote,
        "confidence": one.confidence,
        "check": one.check,
        "advice": one.advice,
    }
    return {name: value for name, value in said.items() if value != ""}
