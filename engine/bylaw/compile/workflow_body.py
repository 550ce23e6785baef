"""What a state's body says against itself: ends that nothing reaches, final states that go on."""

from collections.abc import Iterator

from bylaw.base.node import Mapping
from bylaw.base.problem import Problem
from bylaw.compile.workflow_chart import Chart, Draft
from bylaw.model.workflow import StateType

IN_FINAL = ("states", "initial", "actions", "events", "always", "after", "every", "run")
ENDS = ("done", "failed")
WAYS = ("actions", "events", "always", "after")


def body_problems(chart: Chart) -> Iterator[Problem]:
    """Give what is wrong inside single states."""
    for draft in chart[1:]:
        yield from _final_problems(draft)
        yield from _end_problems(chart, draft)
        yield from _run_problems(chart, draft)


def _final_problems(draft: Draft) -> Iterator[Problem]:
    if draft.type is not StateType.FINAL:
        return
    for word in (*IN_FINAL, *ENDS):
        if draft.node.get(word) is not None:
            message = f"`{draft.name}` is final, so nothing comes of its `{word}`"
            yield _at(draft.node, word, "final", message)


def _end_problems(chart: Chart, draft: Draft) -> Iterator[Problem]:
    node = draft.node
    runs = node.get("run") is not None
    if draft.type is StateType.FINAL:
        return
    if node.get("done") is not None and not runs and not has_final(chart, draft):
        message = f"`{draft.name}` runs nothing and has no final state inside, so it is never done"
        yield _at(node, "done", "never-done", message)
    if node.get("failed") is not None and not runs:
        message = f"`{draft.name}` runs nothing that could fail"
        yield _at(node, "failed", "never-done", message)


def _run_problems(chart: Chart, draft: Draft) -> Iterator[Problem]:
    node = draft.node
    if node.get("run") is None or draft.type is StateType.FINAL:
        return
    if has_final(chart, draft):
        message = f"`{draft.name}` runs something and has a final state inside"
        hint = "let a state inside do the run, so that `done` has one meaning"
        yield _at(node, "run", "two-ends", message, hint)
    if node.get("done") is None:
        message = f"`{draft.name}` does not say what follows when its run is done"
        yield _at(node, "run", "missing-key", message, "add `done: {to: …}`")
    if node.get("failed") is None and not _other_way(chart, draft):
        message = f"`{draft.name}` has no way on when its run fails"
        yield _at(node, "run", "missing-key", message, "add `failed: {to: …}`")


def has_final(chart: Chart, draft: Draft) -> bool:
    """Say whether a final state stands directly inside."""
    return any(chart[index].type is StateType.FINAL for index in draft.children)


def _other_way(chart: Chart, draft: Draft) -> bool:
    """Say whether something else can lead on: a state without `failed` waits for that."""
    around = (draft, *(chart[index] for index in draft.ancestors))
    return any(one.node.get(word) is not None for one in around for word in WAYS)


def _at(node: Mapping, word: str, code: str, message: str, hint: str = "") -> Problem:
    return Problem(node.key(word).place, code, message, hint)
