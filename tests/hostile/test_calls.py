"""Any arguments of any tool have an answer, and none is a fault of the server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import given, settings

from bylaw.base.plain import Plain
from bylaw.services.answer import Answer
from tests.hostile import rubbish
from tests.hostile.leaks import assert_is_answer
from tests.running import Running, copy_of_shipped, running


class Asked:
    """A running Bylaw in a loop of its own, for tests that are no coroutines."""

    def __init__(self, portal: BlockingPortal, bylaw: Running) -> None:
        self._portal = portal
        self._bylaw = bylaw
        self.house = bylaw.root

    def ask(self, name: str, tool: str, arguments: dict[str, Plain]) -> Answer:
        gateway = self._bylaw.opened.wired.gateway
        return self._portal.call(gateway.call, tool, arguments, self._bylaw.caller(name))


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Give a Bylaw over the shipped house and a SQLite file."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    house = copy_of_shipped(folder / "house")
    with start_blocking_portal() as portal:
        opened: Any = running(house, f"sqlite:///{folder}/bylaw.db")
        with portal.wrap_async_context_manager(opened) as bylaw:
            yield Asked(portal, bylaw)


@given(rubbish.calls)
@settings(max_examples=250)
def test_any_call_has_an_answer(asked: Asked, call: tuple[str, dict[str, Plain]]) -> None:
    tool, arguments = call

    answer = asked.ask("claude", tool, arguments)

    assert_is_answer(answer, asked.house)
