from pathlib import Path

import pytest

from tests.compile.workflows import CASES, compiled_or_not

FOLDERS = sorted(path.parent for path in CASES.glob("*/input.yaml"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_case_has_just_the_problems_that_it_wants(folder: Path) -> None:
    # given
    text = (folder / "input.yaml").read_text()

    # when
    _, problems = compiled_or_not(text)

    # then
    want = (folder / "want.problems").read_text()
    assert "".join(f"{problem}\n" for problem in problems) == want


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_workflow_is_there_exactly_if_it_has_no_problem(folder: Path) -> None:
    # given
    text = (folder / "input.yaml").read_text()

    # when
    workflow, problems = compiled_or_not(text)

    # then
    assert (workflow is None) == bool(problems)
