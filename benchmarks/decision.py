"""Decisions at 10 to 10,000 rules, beside simpleeval with the same index over actions."""

from collections.abc import Iterator

from simpleeval import EvalWithCompoundTypes

from benchmarks.house import NOW, snapshot_of, text
from benchmarks.timing import Row, median_us
from bylaw.base.plain import Plain
from bylaw.decide.environment import environment
from bylaw.decide.policy import decide
from bylaw.model.actor import Actor
from bylaw.model.policy import Effect
from bylaw.model.snapshot import Snapshot

ACTOR = Actor(id="dev", roles=("dev",))
ALLOWED = {"branch": "feature", "role": "dev", "amount": 5}
SILENT = {"branch": "feature", "role": "guest", "amount": 5}


def rows(sizes: tuple[int, ...]) -> Iterator[Row]:
    """Give two rows for each number of rules: nothing matches, and a rule allows by its name."""
    for size in sizes:
        snapshot = snapshot_of(text(size))
        yield row(snapshot, size, SILENT, Effect.NONE)
        yield row(snapshot, size, ALLOWED, Effect.ALLOW)


def row(snapshot: Snapshot, size: int, params: dict[str, Plain], verdict: Effect) -> Row:
    """Return the row of one verdict."""
    action = snapshot.actions[f"job.a{size // 4}"]
    env = environment(actor=ACTOR, action=action, params=params, scope="main", now=NOW)
    assert decide(snapshot, action, env).verdict is verdict
    return Row(
        what=f"decision `{verdict.value}`, {size} rules",
        ours_us=median_us(lambda: decide(snapshot, action, env), number=2000),
        beside="simpleeval, parsed before, indexed",
        theirs_us=simpleeval_us(params, size // 4 + 10),
    )


def simpleeval_us(params: dict[str, Plain], limit: int) -> float:
    """Return what simpleeval takes for the same two rules."""
    evaluator = EvalWithCompoundTypes(names={**params})
    texts = (
        f'role in ["dev", "lead"] and branch != "main" and amount <= {limit}',
        f'branch == "release" and amount > {limit}',
    )
    parsed = [(one, evaluator.parse(one)) for one in texts]

    def both() -> list[object]:
        return [evaluator.eval(one, previously_parsed=tree) for one, tree in parsed]

    return median_us(both, number=500)
