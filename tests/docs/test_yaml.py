from textwrap import indent

import pytest

from bylaw.load.house import shipped_house
from bylaw.services.testing import run_tests
from tests.content.houses import compiled, documents, said
from tests.docs.pages import Block, blocks

RULE = """\
kind: policy
name: example
description: One rule.
applies: {actions: ["*"]}
rules:
"""
STATES = """\
kind: workflow
name: example
description: Some states.
key: ${id}
inputs: {id: {type: string}}
data:
  hours: {type: integer, default: 0}
  note: {type: string, default: ""}
initial: INITIAL
states:
"""


BLOCKS = blocks("yaml", "yaml rule", "yaml state", "yaml section")


def whole(block: Block) -> str:
    """Return the block as a document of its own."""
    match block.info:
        case "yaml rule":
            return RULE + "  -\n" + indent(block.body, "    ")
        case "yaml state":
            initial = block.body.partition(":")[0]
            return STATES.replace("INITIAL", initial) + indent(block.body, "  ")
        case "yaml section":
            return (shipped_house() / "bylaw.yaml").read_text("utf-8") + "\n" + block.body
        case _:
            return block.body


@pytest.mark.parametrize("block", BLOCKS, ids=lambda b: b.id)
def test_yaml_of_the_pages_compiles_beside_the_shipped_house(block: Block) -> None:
    found = compiled(*documents(whole(block), file=block.id))
    # The tests of the shipped house name its own actors, which another server does not have.
    of_tests = [problem for problem in found.of_tests if problem.place.file == block.id]
    assert said((*found.problems, *of_tests)) == []


def test_tests_of_the_pages_pass() -> None:
    texts = [block for block in blocks("yaml") if "kind: test\n" in block.body]
    found = [compiled(*documents(block.body, file=block.id)) for block in texts]
    scores = [run_tests(one.snapshot, one.tests) for one in found if one.snapshot is not None]

    assert scores
    assert [str(failure) for score in scores for failure in score.failures] == []


def test_every_code_block_says_what_it_is() -> None:
    known = ("yaml", "yaml rule", "yaml state", "yaml section", "sh", "json", "")
    assert [block.id for block in blocks() if block.info not in known] == []
