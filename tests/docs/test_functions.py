from bylaw.expr.functions import FUNCTIONS, LATER_FUNCTIONS
from bylaw.expr.names import BASE_ROOTS, LATER_ROOTS
from tests.docs.pages import first_words, section, text_of, words

PAGE = "docs/conditions.md"


def test_page_describes_every_function() -> None:
    table = [f"| `{one.signature}` | {one.doc} | `{one.example}` |" for one in FUNCTIONS.values()]
    said = section(PAGE, "## Functions").splitlines()
    assert [line for line in said if line.startswith("| `")] == table


def test_page_names_what_is_not_built_yet() -> None:
    line = next(line for line in text_of(PAGE).splitlines() if line.startswith("Not yet:"))
    assert set(words(line)) == LATER_FUNCTIONS | LATER_ROOTS


def test_page_names_every_root() -> None:
    named = set(first_words(section(PAGE, "## Names")))
    assert named == {*BASE_ROOTS, "result", "error"}
