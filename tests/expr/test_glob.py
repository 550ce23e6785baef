"""Globs over paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bylaw.base.glob import closed, name_matches, path_matches, path_pattern

SUPERUSER = "/root"


@pytest.mark.parametrize(
    ("path", "glob"),
    [
        ("main", "main"),
        ("release/1", "release/*"),
        (".env", "**/.env"),
        ("a/b/.env", "**/.env"),
        ("/a/b/.env", "**/.env"),
        ("./config/../.env", "**/.env"),
        (".\\.env", "**/.env"),
        ("config/.env.local", "**/.env.*"),
        ("build", "**/build/**"),
        ("./build/x", "**/build/**"),
        ("a/build/b/c", "**/build/**"),
        ("a/build/", "**/build/**"),
        ("build/x", "build/"),
        ("src/a.py", "src/**"),
        ("src/a/b/c.py", "src/**/*.py"),
        ("src/c.py", "src/**/*.py"),
        ("src/c.py", "./src//**/**/*.py"),
        ("my-credentials.json", "**/*credentials*"),
        ("a.b.c", "*.*.*"),
        ("aXbXc", "a*b*c"),
        ("abbc", "a*b?"),
        ("a1", "a[0-9]"),
        ("ax", "a[!0-9]"),
        ("a-", "a[-]"),
        ("a]", "a]"),
        ("a[", "a["),
        ("~/.ssh/id_rsa", "~/.ssh/**"),
        ("/home/ana/.ssh/id_rsa", "~/.ssh/**"),
        (f"{SUPERUSER}/.ssh", "~/.ssh/**"),
        ("/Users/ana/.ssh/x", "~/.ssh/**"),
        ("C:\\Users\\ana\\.ssh\\x", "~/.ssh/**"),
        ("$HOME/.ssh/x", "~/.ssh/**"),
        ("~ana/.ssh/x", "~/.ssh/**"),
        ("/var/x", "/var/**"),
        ("/", "/"),
        ("/", "**"),
        ("", "**"),
        ("a/b", "**"),
        ("x/a/b/c/y", "**/a/**/c/**"),
        ("a/x/a/b", "**/a/b"),
        ("../a", "../*"),
        ("/../a", "/a"),
        ("a\nb", "a*b"),
        ("a**b", "a**b"),
    ],
)
def test_path_fits(path: str, glob: str) -> None:
    assert path_matches(path, glob)


@pytest.mark.parametrize(
    ("path", "glob"),
    [
        ("feature/x", "*"),
        ("release/1/2", "release/*"),
        ("release", "release/*"),
        ("src", "src/*"),
        ("srcs/a", "src/**"),
        ("tasks/../logs/x", "tasks/**"),
        (".env.local", "**/.env"),
        ("a.envx", "**/.env"),
        ("a/b", "a?b"),
        ("a/b", "a[!x]b"),
        ("ab", "a[z-a]"),
        ("b", "a"),
        ("", "*"),
        ("/x", "*/x"),
        ("/etc/.ssh", "~/.ssh/**"),
        ("xa/b/c", "**/a/b"),
        ("main\n", "main"),
    ],
)
def test_path_does_not_fit(path: str, glob: str) -> None:
    assert not path_matches(path, glob)


def test_no_globs_fit_nothing() -> None:
    assert path_pattern(()).match(closed("a")) is None


@pytest.mark.parametrize(
    ("name", "glob"), [("file.read", "file.*"), ("a.b.c", "*"), ("a", "a"), ("a.b", "*.b")]
)
def test_the_star_of_a_name_crosses_dots(name: str, glob: str) -> None:
    assert name_matches(name, glob)


@given(st.text(max_size=30), st.text("ab/*?[]!-.~\\", max_size=20))
def test_a_match_never_raises(path: str, glob: str) -> None:
    assert path_matches(path, glob) in {True, False}


@given(st.lists(st.sampled_from(["a", "b", "src", ".env"]), min_size=1, max_size=5))
def test_a_path_fits_itself_and_its_folders_from_anywhere(segments: list[str]) -> None:
    path = "/".join(segments)
    assert path_matches(path, path)
    assert path_matches(path, "**/" + segments[-1])
    assert path_matches(path, segments[0] + "/**")
    assert path_matches("./" + path + "/", "**/" + path)


@pytest.mark.parametrize("glob", ["*a" * 30 + "b", "**/a/" * 20 + "b", "**/*a*a*a*b/**/c"])
def test_a_match_against_a_long_path_does_not_hang(glob: str) -> None:
    assert not path_matches("a" * 50_000, glob)
    assert not path_matches("a/" * 50_000, glob)
