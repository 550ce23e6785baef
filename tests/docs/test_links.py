import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, text_of, words

LINK = re.compile(r"\]\((?!https?://)([^)#]+)\)")
FOLDERS = ("engine", "rules", "workflows", "personas", "schemas", "docs", "examples", "tests")


def targets(page: str) -> list[Path]:
    return [(ROOT / page).parent / target for target in LINK.findall(text_of(page))]


def paths(page: str) -> list[str]:
    """Return the files and folders of the repository that a page names in backticks."""
    named = [word for word in words(text_of(page)) if re.fullmatch(r"[\w./-]+", word)]
    return [word for word in named if "/" in word and word.split("/")[0] in FOLDERS]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    assert [target for target in targets(page) if not target.exists()] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/architecture.md"])
def test_files_and_folders_that_a_page_names_are_there(page: str) -> None:
    assert [path for path in paths(page) if not (ROOT / path).exists()] == []


def test_readme_names_every_folder_of_the_tree() -> None:
    hidden = {"build", "dist"}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] not in "._"}
    named = {word.strip("/").split("/")[0] for word in words(text_of("README.md"))}
    assert folders - hidden <= named


def test_index_of_the_documentation_names_every_page() -> None:
    pages = {path.name for path in DOCS.glob("*.md")} - {"README.md"}
    assert pages <= set(LINK.findall(text_of("docs/README.md")))
