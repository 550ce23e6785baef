from bylaw.faces.wire import STATUS
from bylaw.services.answer import ERRORS
from tests.docs.pages import first_words, rows, section, text_of, words

PAGE = "docs/errors.md"


def test_table_lists_every_error_in_order() -> None:
    assert first_words(section(PAGE, "# Refusals")) == list(ERRORS)


def test_every_error_has_a_section_in_order() -> None:
    headings = [line[3:] for line in text_of(PAGE).splitlines() if line.startswith("## ")]
    assert headings == list(ERRORS)


def test_table_gives_each_error_the_status_that_rest_answers_with() -> None:
    said = {words(row[0])[0]: int(row[1]) for row in rows(section(PAGE, "# Refusals"))}
    assert said == {error: int(status) for error, status in STATUS.items()}
