"""`${NAME}` and `${NAME:-default}`."""

import pytest

from bylaw.load.environment import Missing, substitute

ENVIRON = {"HOST": "db", "EMPTY": "", "ODD": "${HOST}"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("plain", "plain"),
        ("${HOST}", "db"),
        ("postgres://${HOST}/${HOST}", "postgres://db/db"),
        ("${NONE:-sqlite:///x}", "sqlite:///x"),
        ("${NONE:-}", ""),
        ("${HOST:-other}", "db"),
        ("${EMPTY:-other}", "other"),
        ("${EMPTY}", ""),
        ("$${HOST}", "${HOST}"),
        ("$HOST $ {HOST} ${} ${params.x}", "$HOST $ {HOST} ${} ${params.x}"),
        ("${ODD}", "${HOST}"),
    ],
)
def test_variables_are_filled_in(text: str, filled: str) -> None:
    assert substitute(text, ENVIRON) == filled


def test_the_first_variable_without_value_and_default_is_named() -> None:
    assert substitute("${HOST} ${ONE} ${TWO}", ENVIRON) == Missing("ONE")
