import pytest

from bylaw.services.tools import TOOLS, Tool
from tests.docs.pages import first_words, rows, section, text_of, words

PAGE = "docs/tools.md"
WORDS = {
    "string": "text",
    "object": "object",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "any": "anything",
}


def documented_types(tool: Tool) -> dict[str, str]:
    return {words(row[0])[0]: row[1] for row in rows(section(PAGE, f"## {tool.name}"))}


def actual_types(tool: Tool) -> dict[str, str]:
    return {
        argument.name: WORDS[argument.kind.value] + (", required" if argument.required else "")
        for argument in tool.arguments
    }


def test_page_has_a_section_for_each_tool_in_order() -> None:
    headings = [line[3:] for line in text_of(PAGE).splitlines() if line.startswith("## ")]
    assert headings == [tool.name for tool in TOOLS]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_page_lists_the_arguments_of_the_tool_with_their_types(tool: Tool) -> None:
    assert documented_types(tool) == actual_types(tool)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_page_says_which_tools_only_read(tool: Tool) -> None:
    said = "Read-only." in section(PAGE, f"## {tool.name}")
    assert said is tool.read_only


def test_rest_page_names_a_route_for_each_tool() -> None:
    named = {word for row in rows(text_of("docs/rest.md")) for word in words(row[1])}
    assert {tool.name for tool in TOOLS} <= named


def test_cli_page_names_a_command_for_each_tool() -> None:
    listed = rows(section("docs/cli.md", "## Of a running server"))
    named = {word for row in listed for word in words(row[1])}
    assert named == {tool.name for tool in TOOLS}


def test_no_argument_is_documented_twice() -> None:
    listed = [first_words(section(PAGE, f"## {tool.name}")) for tool in TOOLS]
    assert all(len(set(names)) == len(names) for names in listed)
