"""The files that the page about the architecture names are there."""

import re

import pytest

from tests.docs.pages import ROOT

ENGINE = ROOT / "engine" / "bylaw"
NAMED = re.findall(r"`([a-z_/]+/[a-z_]+\.py)`", (ROOT / "docs" / "architecture.md").read_text())


@pytest.mark.parametrize("name", sorted(set(NAMED)))
def test_a_file_that_the_page_names_is_there(name: str) -> None:
    assert (ENGINE / name).is_file()


def test_every_step_of_a_call_names_its_files() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    steps = re.findall(r"^([0-9])\. ", page, re.MULTILINE)
    rows = re.findall(r"^\| ([0-9]) \| `", page, re.MULTILINE)

    assert rows == steps
