"""YAML and houses that nobody writes: every one is read in time, or refused with its place."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bylaw.app import clock
from bylaw.background.reload import Loader
from bylaw.base.problem import Problem
from bylaw.load import house
from bylaw.load.document import load_documents
from bylaw.load.house import git_commit, read_house
from bylaw.load.limits import MAX_FILE_BYTES, MAX_PROBLEMS
from tests.running import copy_of_shipped

HEAD = "kind: policy\nname: p\ndescription: d\napplies: {actions: ['*']}\nrules:\n"
RULE = HEAD + "  - {name: r, effect: deny, message: m, when: CONDITION}\n"
SIZE = 300_000
LONGEST_PROBLEM = 2_500
# Each took the square of its size once, or could: what is here ends long before the time limit.
LARGE = {
    "spaces in a line that cannot be read": "k: a" + " " * SIZE + "b: c: d\n",
    "spaces behind a sign": "k: `a" + " " * SIZE + "b\n",
    "spaces in quotes": HEAD + 'x: "' + " " * SIZE + '"\n',
    "dashes": "- " * SIZE,
    "brackets": "[" * SIZE,
    "braces": "{" * SIZE,
    "question marks": "? " * SIZE,
    "anchors": "".join(f"k{i}: &a{i} x\n" for i in range(10_000)),
    "anchor of one name": "k: *" + "a" * SIZE + "\n",
    "tags": "".join(f"k{i}: !t x\n" for i in range(10_000)),
    "documents": "---\n" * 30_000,
    "broken documents": "--- [\n" * 20_000,
    "unknown keys": HEAD + "".join(f"key{i}x: 1\n" for i in range(3_000)),
    "equal keys": HEAD + "a: 1\n" * 20_000,
    "comments": HEAD + "".join(f"k{i}: x #1\n" for i in range(10_000)),
    "sentence that is cut": HEAD + "message: a" + "b" * SIZE + " #1\n",
    "escapes": '"' + "\\q" * SIZE,
    "empty lines": "a: b\n" + "\n" * SIZE + " c: d\n",
    "one text": HEAD + "description: " + "x" * SIZE,
}
# Billions of values, if all aliases were written out.
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
)
CONDITIONS = (
    *(
        "(" * 900 + "1" + ")" * 900,
        "not " * 450 + "true",
        "-" * 1_900 + "1",
        "9" * 1_900,
        "1e" + "9" * 1_900,
    ),
    *(
        "a" + ".a" * 900,
        "[" * 900 + "]" * 900,
        "len(" * 400 + "1" + ")" * 400,
        " and ".join(["now"] * 250),
    ),
    "matches(params.branch, '" + "(" * 300 + "a" + "{9}){9}" * 300 + "')",
    "any(" * 60 + "true" + " for x in params.paths)" * 60,
    "'" + "\\ud800" * 100 + "' == params.branch",
    *(
        "\0",
        "\ufeff",
        "1 if " * 300,
        "lambda: 1",
        "().__class__",
        "f'{now}'",
        "2 ** 9999",
        "'a' * 9999999",
    ),
)
tokens = st.sampled_from(
    (
        *(
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "'",
            '"',
            "\\",
            ".",
            ",",
            ":",
            "=",
            "<",
            ">",
            "!",
            "+",
            "-",
        ),
        *(
            "*",
            "/",
            "%",
            "&",
            "|",
            "~",
            "@",
            "#",
            "\n",
            "\0",
            "é",
            " and ",
            " not ",
            " in ",
            "params",
        ),
        *("params.branch", "now", "1e999", "9" * 400, "any(", " for x in ", "true", "${", "len("),
        *("matches(", " if ", " else ", "1", "'a'", "null"),
    )
)
yaml_tokens = st.sampled_from(
    (
        *(
            "-",
            ":",
            "?",
            ",",
            "[",
            "]",
            "{",
            "}",
            "#",
            "&",
            "*",
            "!",
            "|",
            ">",
            "'",
            '"',
            "%",
            "@",
        ),
        *(
            "`",
            "\t",
            "\n",
            " ",
            "\r",
            "---\n",
            "...\n",
            "kind: ",
            "policy\n",
            "name: p\n",
            "rules:\n",
        ),
        *("  - ", "when: ", "effect: ", "deny\n", "*a", "&a ", "<<: ", "!!python/object ", "0x1f"),
        *("1e999", "\ufeff", "\x85", "\u2028", "\U0001f600", "9" * 50, "~", "${", "workflow\n"),
        *("states:\n", "    ", "\ud800"),
    )
)


def sound(problems: tuple[Problem, ...]) -> bool:
    """Say whether mistakes can be shown: not too many, not too long, in whole characters."""
    for problem in problems:
        str(problem).encode()
        assert len(str(problem)) < LONGEST_PROBLEM, str(problem)[:200]
    return len(problems) <= MAX_PROBLEMS + 1


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
@pytest.mark.timeout(20)
def test_large_file_is_read_in_time_that_grows_with_its_size(text: str) -> None:
    loaded = load_documents(text.encode(), file="rules/a.yaml")

    assert sound(loaded.problems)


def test_aliases_do_not_unfold_without_end() -> None:
    loaded = load_documents((HEAD + BOMB).encode(), file="rules/a.yaml")

    assert "too-many" in {problem.code for problem in loaded.problems}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "latin-1", "cp500"])
def test_file_of_another_encoding_has_one_problem(encoding: str) -> None:
    loaded = load_documents((HEAD + "  # é\n").encode(encoding), file="rules/a.yaml")

    assert [problem.place.line for problem in loaded.problems] in ([1], [6])


@given(st.lists(yaml_tokens, max_size=60).map("".join))
@settings(max_examples=150)
def test_any_pieces_of_yaml_give_documents_or_problems(text: str) -> None:
    loaded = load_documents(text.encode("utf-8", "surrogatepass"), file="rules/a.yaml")

    assert sound(loaded.problems)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a house into which a test puts one condition."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "bylaw.yaml").write_text("bylaw: 1\nkind: server\nname: h\n")
    return tmp_path


def problems_with(root: Path, condition: str) -> tuple[Problem, ...]:
    """Load the house with this condition in it; return what is wrong."""
    quoted = "'" + condition.replace("'", "''").replace("\n", " ") + "'"
    (root / "rules" / "hostile.yaml").write_bytes(
        RULE.replace("CONDITION", quoted).encode("utf-8", "surrogatepass")
    )
    return Loader(root, {}, clock.now).load().problems


@pytest.mark.parametrize("condition", CONDITIONS, ids=range(len(CONDITIONS)))
@pytest.mark.timeout(20)
def test_hostile_condition_is_a_mistake_with_its_place(root: Path, condition: str) -> None:
    problems = problems_with(root, condition)

    assert {problem.place.file for problem in problems} == {"rules/hostile.yaml"}
    assert sound(problems)


@given(st.lists(tokens, max_size=30).map("".join))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_condition_is_one_or_a_mistake(root: Path, condition: str) -> None:
    assert sound(problems_with(root, condition))


def test_what_is_no_ordinary_file_does_not_hold_up_the_house(tmp_path: Path) -> None:
    root = copy_of_shipped(tmp_path / "house")
    os.mkfifo(root / "rules" / "pipe.yaml")
    (root / "rules" / "zero.yaml").symlink_to("/dev/zero")
    (root / "rules" / "itself.yaml").symlink_to("itself.yaml")
    (root / "rules" / "round").symlink_to("..")
    (root / "rules" / "folder.yaml").mkdir()

    problems = read_house(root).problems

    assert {problem.place.file: problem.code for problem in problems} == {
        "rules/pipe.yaml": "unreadable",
        "rules/zero.yaml": "link",
        "rules/itself.yaml": "unreadable",
    }


def test_house_of_too_many_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house, "MAX_FILES", 60)
    root = copy_of_shipped(tmp_path / "house")
    for number in range(61):
        (root / "rules" / f"{number}.yaml").touch()

    found = read_house(root)

    assert [problem.code for problem in found.problems] == ["too-many"]
    assert len(found.files) == 61


def test_house_of_too_many_bytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house, "MAX_HOUSE_BYTES", 20_000)
    root = copy_of_shipped(tmp_path / "house")
    (root / "rules" / "large.yaml").write_bytes(b"x" * 20_000)

    found = read_house(root)

    assert [problem.code for problem in found.problems] == ["too-large"]
    assert sum(len(file.content) for file in found.files) < 2 * 20_000 + 20_000


def test_file_of_ten_megabytes_is_refused_unread(tmp_path: Path) -> None:
    root = copy_of_shipped(tmp_path / "house")
    (root / "rules" / "large.yaml").write_bytes(b"x" * 10_000_000)

    (large,) = (file for file in read_house(root).files if file.path == "rules/large.yaml")

    assert len(large.content) == MAX_FILE_BYTES + 1
    assert load_documents(large.content, file=large.path).problems[0].code == "too-large"


def test_git_folder_of_pipes_is_no_git_folder(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    os.mkfifo(tmp_path / ".git" / "HEAD")

    assert git_commit(tmp_path) is None
