"""Tests of a house beside the house: compiled with it, and no part of what is live."""

from tests.content.houses import compiled, documents, said, snapshot

TEST = """\
kind: test
name: mine
cases:
  - {name: one, actor: ana, action: git.push, params: {branch: x}, expect: none}
"""


def test_a_test_changes_neither_the_digest_nor_the_documents_of_what_is_live() -> None:
    found = compiled(*documents(TEST, file="mine.yaml"))

    assert found.snapshot is not None
    assert found.snapshot.digest == snapshot().digest
    assert found.snapshot.origins == snapshot().origins
    assert [one for one in found.snapshot.documents if one.kind == "test"] == []
    assert "mine" in {suite.name for suite in found.tests}


def test_a_mistake_in_a_test_is_told_and_keeps_nothing_from_going_live() -> None:
    found = compiled(*documents(TEST.replace("actor: ana", "actor: anna"), file="mine.yaml"))

    assert found.snapshot is not None
    assert said(found.problems) == []
    assert said(found.of_tests) == [
        "mine.yaml:4:24: unknown-ref: `anna` is not an actor\n    hint: did you mean `ana`?"
    ]
    assert "mine" not in {suite.name for suite in found.tests}


def test_two_tests_of_one_name_are_a_mistake() -> None:
    found = compiled(*documents(TEST, file="mine.yaml"), *documents(TEST, file="other.yaml"))

    assert said(found.of_tests)[0].startswith(
        "other.yaml:1:1: duplicate: the test `mine` is already there in mine.yaml:1"
    )


def test_a_test_may_have_the_name_of_a_policy() -> None:
    text = TEST.replace("name: mine", "name: branch-protection")
    found = compiled(*documents(text, file="mine.yaml"))

    assert said((*found.problems, *found.of_tests)) == []


def test_a_house_that_does_not_compile_names_the_mistakes_of_its_tests_too() -> None:
    policy = """\
kind: policy
name: broken
description: A rule over what is not there.
applies: {actions: [git.push]}
rules:
  - {name: one, when: nonsense, effect: deny}
"""
    found = compiled(
        *documents(policy, file="broken.yaml"),
        *documents(TEST.replace("git.push", "git.pusch"), file="mine.yaml"),
    )

    assert found.snapshot is None
    assert len(found.problems) == 1
    assert len(found.of_tests) == 1
