"""Reading the documentation: its code blocks, tables and sections."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = tuple(
    path.relative_to(ROOT).as_posix()
    for path in sorted(
        [
            *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
            *DOCS.glob("*.md"),
            ROOT / "examples/README.md",
        ]
    )
)
FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
WORD = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Block:
    """A code block: where it stands, what it says it is, and its text."""

    page: str
    line: int
    info: str
    body: str

    @property
    def id(self) -> str:
        """Return the name of the block in a test run."""
        return f"{self.page}:{self.line}"


def text_of(page: str) -> str:
    """Return the text of a page, named from the root of the repository."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(*infos: str) -> list[Block]:
    """Return the code blocks of all pages, or those of these languages."""
    found = [block for page in PAGES for block in _blocks(page)]
    return [block for block in found if not infos or block.info in infos]


def _blocks(page: str) -> list[Block]:
    text = text_of(page)
    return [
        Block(
            page=page,
            line=text.count("\n", 0, found.start()) + 1,
            info=found["info"],
            body=found["body"],
        )
        for found in FENCE.finditer(text)
    ]


def section(page: str, heading: str) -> str:
    """Return the text below a heading, up to the next one."""
    _, _, rest = f"\n{text_of(page)}".partition(f"\n{heading}\n")
    assert rest, f"{page} has no `{heading}`"
    return re.split(r"^#+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """Return the rows of the tables in a text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = [number for number, row in enumerate(cells) if set("".join(row)) <= set("-: ")]
    heads = {number - 1 for number in rules} | set(rules)
    return [row for number, row in enumerate(cells) if number not in heads]


def words(text: str) -> list[str]:
    """Return what stands in backticks, outside of code blocks."""
    return WORD.findall(FENCE.sub("", text))


def first_words(text: str) -> list[str]:
    """Return the words in backticks of the first column of the tables in a text."""
    return [word for row in rows(text) for word in words(row[0])]
