"""Mistakes in policies, personas, access modes, actions and events, as files."""

from pathlib import Path

import pytest

from tests.compile.documents import CASES, COMPILERS, compiled_or_not

FOLDERS = sorted(path.parent for kind in COMPILERS for path in (CASES / kind).glob("*/input.yaml"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_case_has_just_the_problems_that_it_wants(folder: Path) -> None:
    # given
    text = (folder / "input.yaml").read_text()

    # when
    body, problems = compiled_or_not(text)

    # then
    want = (folder / "want.problems").read_text()
    assert "".join(f"{problem}\n" for problem in problems) == want
    assert (body is None) == bool(problems)
