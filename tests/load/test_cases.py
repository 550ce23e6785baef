"""The cases in tests/cases/load: a file or a house, and every problem that it has."""

from pathlib import Path

import pytest

from bylaw.base.problem import Problem
from bylaw.load.document import DocumentCache, load_documents
from bylaw.load.house import read_house

CASES = Path(__file__).parents[1] / "cases" / "load"
FILES = sorted(path.parent.name for path in CASES.glob("*/input.yaml"))
HOUSES = sorted(path.parents[1].name for path in CASES.glob("*/house/bylaw.yaml"))


def written(problems: tuple[Problem, ...]) -> str:
    return "".join(f"{problem}\n" for problem in problems)


def compare(case: Path, said: str, *, update_golden: bool) -> None:
    want = case / "want.problems"
    if update_golden:
        want.write_text(said, encoding="utf-8")
    assert said == want.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_a_file_has_the_problems_that_its_case_names(name: str, update_golden: bool) -> None:
    content = (CASES / name / "input.yaml").read_bytes()

    loaded = load_documents(content, file="input.yaml")

    compare(CASES / name, written(loaded.problems), update_golden=update_golden)


@pytest.mark.parametrize("name", HOUSES)
def test_a_house_has_the_problems_that_its_case_names(name: str, update_golden: bool) -> None:
    house = read_house(CASES / name / "house")

    loaded = DocumentCache().load(house.files)

    compare(CASES / name, written(loaded.problems), update_golden=update_golden)
