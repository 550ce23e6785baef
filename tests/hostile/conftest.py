"""One real server for all that is sent to one, with a house and a SQLite file of its own."""

from collections.abc import Iterator

import pytest

from tests.hostile.leaks import assert_log_is_quiet
from tests.running import copy_of_shipped
from tests.scenario.server import Server, served


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server, and see in the end that its log shows nothing of what it met."""
    folder = tmp_path_factory.mktemp("server")
    house = copy_of_shipped(folder / "house")
    with served(house, f"sqlite:///{folder}/bylaw.db") as found:
        yield found
        assert_log_is_quiet(found.stop(), house)
