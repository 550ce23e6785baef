"""The tour names what the shipped house has."""

import pytest

from tests.content.houses import snapshot
from tests.docs.pages import first_words, section, text_of, words

TOUR = "docs/house.md"


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("## What is granted", "modes"),
        ("## What is forbidden, asked or noticed", "policies"),
        ("## How work goes", "workflows"),
    ],
)
def test_tables_of_the_tour_list_what_there_is(heading: str, kind: str) -> None:
    assert sorted(first_words(section(TOUR, heading))) == sorted(getattr(snapshot(), kind))


def test_tour_names_everybody_and_everything_else() -> None:
    house = snapshot()
    declared = {name for name, one in house.actions.items() if one.http is not None}
    named = {*house.server.actors, *house.server.roles, *house.personas, *house.events, *declared}
    assert named <= set(words(text_of(TOUR)))
