import re
import shlex

import pytest

from bylaw.faces.cli.parser import parser
from bylaw.faces.cli.verb import VERBS
from tests.docs.pages import PAGES, ROOT, blocks, rows, section, text_of, words

LINES = [line for block in blocks("sh") for line in block.body.splitlines()]
SPOKEN = [word for page in PAGES for word in words(text_of(page))]
COMMANDS = sorted(
    {line for line in [*LINES, *SPOKEN] if line.removeprefix(".venv/bin/").startswith("bylaw ")}
)
NEEDS = {"run": ["x"], "event": ["x"], "enforce": ["x"]}


def parsed(line: str) -> str | None:
    """Return the verb of a command; one that is only named gets the word that it needs."""
    arguments = shlex.split(line)[1:]
    spare = NEEDS.get(arguments[0], []) if len(arguments) == 1 else []
    try:
        return str(parser().parse_args([*arguments, *spare]).verb)
    except SystemExit as end:
        return "help" if end.code == 0 else None


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_of_the_pages_can_be_read(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert parsed(line) is not None, capsys.readouterr().err


def test_cli_page_has_every_verb_that_asks_a_server() -> None:
    table = rows(section("docs/cli.md", "## Of a running server"))
    named = {words(row[0])[0].removeprefix("bylaw ") for row in table}
    assert named == {"status", *(verb.name for verb in VERBS)}


def test_readme_has_every_target_of_the_makefile() -> None:
    targets = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert targets is not None
    named = {word for word in words(text_of("README.md")) if word.startswith("make ")}
    assert named == {f"make {target}" for target in targets[1].split()}


def test_files_that_examples_start_are_there() -> None:
    started = [
        part
        for block in blocks("sh")
        for part in shlex.split(block.body, comments=True)
        if part.endswith(".py")
    ]
    assert started
    assert [path for path in started if not (ROOT / path).exists()] == []
