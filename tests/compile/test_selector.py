"""Which actions a selector means."""

import pytest

from bylaw.base.place import Place
from bylaw.model.action import Selector


def selector(*words: str) -> Selector:
    return Selector(words=words, place=Place("a.yaml"))


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("git.push", "git.push"),
        ("git.*", "git.push"),
        ("*", "git.push"),
        ("*.push", "git.push"),
        ("mcp.*.get_*", "mcp.github.get_issue"),
        ("code-review.*", "code-review.start"),
    ],
)
def test_a_word_selects(word: str, name: str) -> None:
    assert selector(word).selects(name, frozenset())
    assert selector(word).could_select(name, frozenset())


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("git.push", "git.pushed"),
        ("git.*", "gitlab.push"),
        ("*.push", "git.pushed"),
        ("tag:git.push", "git.push"),
        ("git?push", "git.push"),
    ],
)
def test_a_word_does_not_select(word: str, name: str) -> None:
    assert not selector(word).selects(name, frozenset())
    assert not selector(word).could_select(name, frozenset())


def test_a_tag_selects_what_has_it() -> None:
    assert selector("tag:read-only").selects("file.read", frozenset({"read-only"}))
    assert not selector("tag:read-only").selects("file.write", frozenset({"destructive"}))


def test_a_word_with_a_key_selects_that_record_only() -> None:
    tasks = selector("context.write(tasks/**)")
    assert tasks.selects("context.write", frozenset(), "tasks/a")
    assert not tasks.selects("context.write", frozenset(), "roadmap/a")
    assert not tasks.selects("context.read", frozenset(), "tasks/a")


def test_without_a_key_a_word_with_one_selects_nothing_for_certain() -> None:
    tasks = selector("context.write(tasks/**)")
    assert not tasks.selects("context.write", frozenset())
    assert tasks.could_select("context.write", frozenset())


def test_one_word_of_many_is_enough() -> None:
    assert selector("a.b", "git.*", "tag:x").selects("git.push", frozenset())


def test_no_word_selects_nothing() -> None:
    assert not selector().could_select("git.push", frozenset({"read-only"}))
