"""Decisions at 10 to 10,000 rules, beside simpleeval with the same index over actions."""

from collections.abc import Iterator

from simpleeval import EvalWithCompoundTypes

from benchmarks.house import NOW, snapshot_of, text
from benchmarks.timing import Row, median_us
from bylaw.decide.environment import environment
from bylaw.decide.policy import decide
from bylaw.model.actor import Actor
from bylaw.model.policy import Effect

ACTOR = Actor(id="dev", roles=("dev",))
PARAMS = {"branch": "feature", "role": "dev", "amount": 5}


def rows(sizes: tuple[int, ...]) -> Iterator[Row]:
    """Give a row for each number of rules."""
    for size in sizes:
        snapshot = snapshot_of(text(size))
        action = snapshot.actions[f"job.a{size // 4}"]
        env = environment(actor=ACTOR, action=action, params=PARAMS, scope="main", now=NOW)
        assert decide(snapshot, action, env).verdict is Effect.ALLOW
        ours = median_us(lambda s=snapshot, a=action, e=env: decide(s, a, e), number=2000)
        yield Row(
            what=f"decision, {size} rules",
            ours_us=ours,
            beside="simpleeval, parsed before, indexed",
            theirs_us=simpleeval_us(size // 4 + 10),
        )


def simpleeval_us(limit: int) -> float:
    """Return what simpleeval takes for the same two rules."""
    evaluator = EvalWithCompoundTypes(names={**PARAMS})
    texts = (
        f'role in ["dev", "lead"] and branch != "main" and amount <= {limit}',
        f'branch == "release" and amount > {limit}',
    )
    parsed = [(one, evaluator.parse(one)) for one in texts]

    def both() -> list[object]:
        return [evaluator.eval(one, previously_parsed=tree) for one, tree in parsed]

    return median_us(both, number=500)
