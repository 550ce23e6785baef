"""The policy that all engines are given, and requests with the verdict that each must get.

So many rules, two for each action: one allows developers off `main` up to an amount, one denies
more than that on `release`. A deny stands over an allow; without either there is no verdict.
"""

import random
from dataclasses import dataclass
from typing import Literal, TypedDict

Verdict = Literal["allow", "deny", "none"]
REQUESTS = 300
ROLES = ("dev", "lead", "guest")
BRANCHES = ("main", "release", "feature")


@dataclass(frozen=True, slots=True)
class Job:
    """One action and the limit of its two rules, `<name>#large` and `<name>#small`."""

    name: str
    limit: int


class Request(TypedDict):
    """What is asked."""

    action: str
    role: str
    branch: str
    amount: int


def jobs(rules: int) -> tuple[Job, ...]:
    """Return the actions of a policy with so many rules."""
    return tuple(Job(f"job.a{number}", number + 10) for number in range(rules // 2))


def requests(every: tuple[Job, ...], count: int = REQUESTS) -> list[Request]:
    """Return requests over all actions; amounts lie about the limit, and on it."""
    draw = random.Random(20)  # noqa: S311 - the same requests in every run
    found: list[Request] = []
    for _ in range(count):
        job = draw.choice(every)
        found.append(
            {
                "action": job.name,
                "role": draw.choice(ROLES),
                "branch": draw.choice(BRANCHES),
                "amount": job.limit + draw.choice((-5, -1, 0, 1, 5)),
            }
        )
    return found


def expected(request: Request) -> Verdict:
    """Return the verdict that every engine must give."""
    limit = int(request["action"].removeprefix("job.a")) + 10
    if request["branch"] == "release" and request["amount"] > limit:
        return "deny"
    allowed = request["role"] in ("dev", "lead") and request["branch"] != "main"
    return "allow" if allowed and request["amount"] <= limit else "none"
