"""`bylaw check`: what it says of a house beyond what keeps it from loading."""

from pathlib import Path

from bylaw.app.commands import check
from tests.running import copy_of_shipped

SHADOW = """\
kind: policy
name: trial
applies: {actions: [git.push]}
mode: shadow
until: %s
rules: [{name: no-push, effect: deny}]
"""


def checked(folder: Path, until: str) -> list[str]:
    house = copy_of_shipped(folder)
    (house / "rules" / "trial.yaml").write_text(SHADOW % until)
    _, problems = check(house)
    return problems


def test_a_shadow_that_has_ended_is_a_problem(tmp_path: Path) -> None:
    (problem,) = checked(tmp_path / "house", "2020-01-31")

    said = "rules/trial.yaml:1:1: expired: `trial` was in shadow mode until 2020-01-31\n"
    assert problem.startswith(said)


def test_a_shadow_that_goes_on_is_none(tmp_path: Path) -> None:
    assert checked(tmp_path / "house", "2999-01-31") == []
