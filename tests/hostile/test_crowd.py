"""Large bodies one after another cost no memory, and whoever behaves is answered meanwhile."""

from pathlib import Path

from tests.hostile.crowd import ATTACKS, LARGE, Crowd, attacked, beside, heard, resident_bytes
from tests.hostile.leaks import assert_log_is_quiet
from tests.running import copy_of_shipped
from tests.scenario.server import served

MEGABYTE = 1024 * 1024


def test_fifty_large_bodies_cost_no_memory(tmp_path: Path) -> None:
    house, crowd = copy_of_shipped(tmp_path / "house"), Crowd()
    with served(house, f"sqlite:///{tmp_path}/bylaw.db") as server, heard(server) as printed:
        before = resident_bytes(server)
        with beside(server, crowd, slow=3):
            attacked(server, crowd, (LARGE,), times=50)
            attacked(server, crowd, ATTACKS, times=2)
        after = resident_bytes(server)

    assert crowd.wrong == []
    assert crowd.waits
    assert (crowd.peak_bytes - before) < 100 * MEGABYTE
    assert (after - before) < 60 * MEGABYTE
    assert_log_is_quiet("".join(printed), house)
