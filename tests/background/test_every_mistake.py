"""Every mistake of every file at once: a misspelt key hides no condition, here or elsewhere."""

from pathlib import Path

import pytest

from bylaw.app import clock
from bylaw.background.reload import Loader
from tests.running import copy_of_shipped

REVIEW = "workflows/code-review.yaml"
SECRETS = "rules/secret-files.yaml"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Give a copy of the shipped house to spoil."""
    return copy_of_shipped(tmp_path / "house")


def spoil(house: Path, file: str, *, good: str, bad: str) -> None:
    """Replace the first occurrence of a text in a file."""
    text = (house / file).read_text()
    assert good in text
    (house / file).write_text(text.replace(good, bad, 1))


def mistakes(house: Path) -> list[str]:
    """Return the code and message of every mistake, in order."""
    found = Loader(house, {}, clock.now).load().problems
    return [f"{one.place.file}: {one.code}: {one.message}" for one in found]


def test_misspelt_key_does_not_hide_a_condition_of_the_same_document(house: Path) -> None:
    spoil(house, REVIEW, good="description: Ready", bad="descripion: Ready")
    spoil(house, REVIEW, good='when: tests == "passed"\n', bad='when: tets == "passed"\n')

    assert mistakes(house) == [
        f"{REVIEW}: unknown-name: `tets` is not known here",
        f"{REVIEW}: unknown-key: `descripion` is not a key of a state",
    ]


def test_misspelt_key_does_not_hide_a_condition_of_another_file(house: Path) -> None:
    spoil(house, SECRETS, good="effect: deny", bad="efect: deny")
    spoil(house, REVIEW, good='when: tests == "passed"\n', bad='when: tets == "passed"\n')

    found = mistakes(house)

    assert f"{SECRETS}: unknown-key: `efect` is not a key of a rule" in found
    assert f"{REVIEW}: unknown-name: `tets` is not known here" in found


def test_what_a_mistake_took_with_it_is_not_called_unknown(house: Path) -> None:
    spoil(house, REVIEW, good="  tests:       {enum:", bad="  tests:       {enumm:")

    found = mistakes(house)

    assert [one for one in found if "`tests` is not known" in one] == []
    assert any("`enumm`" in one for one in found)


def test_file_that_cannot_be_read_makes_no_name_unknown(house: Path) -> None:
    (house / "rules" / "events" / "tests-finished.yaml").write_text("kind: event\nname: [\n")

    found = mistakes(house)

    assert {one.split(":")[0] for one in found} == {"rules/events/tests-finished.yaml"}
