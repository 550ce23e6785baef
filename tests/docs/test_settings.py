import json
import re
from pathlib import Path

import pytest

from bylaw.app.settings import Settings
from tests.docs.pages import PAGES, ROOT, Block, blocks, first_words, section, text_of

SETTING = re.compile(r"\bBYLAW_[A-Z_]+\b")
FOLDERS = ("engine", "rules", "examples", "tests")
OF_A_READERS_OWN_HOUSE = {"BYLAW_TOKEN_ALICE", "BYLAW_TOKEN_HELPER"}


def settings(text: str) -> set[str]:
    return set(SETTING.findall(text))


def settings_of_the_code() -> set[str]:
    sources = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    texts = (path.read_text("utf-8") for path in [*sources, ROOT / "bylaw.yaml"] if own(path))
    return settings("".join(texts))


def own(path: Path) -> bool:
    return path != Path(__file__)


@pytest.mark.parametrize("page", PAGES)
def test_environment_variables_of_a_page_are_those_of_the_code(page: str) -> None:
    assert settings(text_of(page)) - settings_of_the_code() <= OF_A_READERS_OWN_HOUSE


@pytest.mark.parametrize("block", blocks("json"), ids=lambda block: block.id)
def test_json_of_the_pages_can_be_read(block: Block) -> None:
    assert isinstance(json.loads(block.body), dict)


def test_page_lists_every_setting_of_the_process() -> None:
    listed = first_words(section("docs/server.md", "## The environment"))
    fields = {f"BYLAW_{name.upper()}" for name in Settings.model_fields}
    assert {name for name in listed if name.startswith("BYLAW_")} == fields
