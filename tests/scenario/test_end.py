"""A server that is told to stop: it ends by itself, with everything closed."""

from pathlib import Path

from tests.running import copy_of_shipped
from tests.scenario.server import served


def test_server_that_is_told_to_stop_ends_well_and_closes_its_store(tmp_path: Path) -> None:
    house = copy_of_shipped(tmp_path / "house")
    store = tmp_path / "bylaw.db"

    with served(house, f"sqlite:///{store}") as server:
        server.stop()
        ended = server.process

    assert ended is not None
    assert ended.returncode == 0
    assert not Path(f"{store}-wal").exists()
