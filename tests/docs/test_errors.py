from bylaw.services.answer import ERRORS
from tests.docs.pages import first_words, section, text_of

PAGE = "docs/errors.md"


def test_table_lists_every_error_in_order() -> None:
    assert first_words(section(PAGE, "# Refusals")) == list(ERRORS)


def test_every_error_has_a_section_in_order() -> None:
    headings = [line[3:] for line in text_of(PAGE).splitlines() if line.startswith("## ")]
    assert headings == list(ERRORS)
