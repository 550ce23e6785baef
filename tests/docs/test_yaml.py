from textwrap import indent

import pytest

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


def whole(block: Block) -> str:
    """Return the block as a document of its own."""
    match block.info:
        case "yaml rule":
            return RULE + "  -\n" + indent(block.body, "    ")
        case "yaml state":
            initial = block.body.partition(":")[0]
            return STATES.replace("INITIAL", initial) + indent(block.body, "  ")
        case _:
            return block.body


@pytest.mark.parametrize("block", blocks("yaml", "yaml rule", "yaml state"), ids=lambda b: b.id)
def test_yaml_of_the_pages_compiles_beside_the_shipped_house(block: Block) -> None:
    assert said(compiled(*documents(whole(block), file=block.id)).problems) == []


def test_every_code_block_says_what_it_is() -> None:
    known = ("yaml", "yaml rule", "yaml state", "sh", "json", "")
    assert [block.id for block in blocks() if block.info not in known] == []
