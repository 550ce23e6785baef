"""The OpenAPI document is true: no answer is outside of it, and none is a fault of the server."""

from pathlib import Path

from tests.hostile.documented import tried
from tests.hostile.leaks import assert_log_is_quiet
from tests.running import copy_of_shipped
from tests.scenario.server import served


def test_every_answer_is_one_that_openapi_describes(tmp_path: Path) -> None:
    house = copy_of_shipped(tmp_path / "house")
    with served(house, f"sqlite:///{tmp_path}/bylaw.db") as server:
        found = tried(server, "--max-examples", "5", "--seed", "1", folder=tmp_path)
        printed = server.stop()

    assert found.returncode == 0, found.stdout
    assert_log_is_quiet(printed, house)
