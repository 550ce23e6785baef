"""Heavy work beside the calls leaves the interpreter as it found it."""

import gc
import sys
import time
from collections.abc import Iterator

import pytest

from bylaw.background import aside as module
from bylaw.background.aside import TURN_S, WORK_S, Turns, aside


@pytest.fixture(autouse=True)
def _unfrozen() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_calls_come_first_while_it_runs() -> None:
    before = sys.getswitchinterval()

    with aside():
        turn_s, collects = sys.getswitchinterval(), gc.isenabled()

    assert turn_s == pytest.approx(TURN_S)
    assert not collects
    assert sys.getswitchinterval() == before
    assert gc.isenabled()


def test_crash_of_it_leaves_nothing_behind() -> None:
    before = sys.getswitchinterval()

    with pytest.raises(OSError, match="gone"), aside():
        raise OSError("the disk is gone")

    assert sys.getswitchinterval() == before
    assert gc.isenabled()


def test_what_a_large_load_made_is_not_looked_through_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MANY", 100)
    frozen = gc.get_freeze_count()

    with aside():
        made = [[number] for number in range(1_000)]

    assert gc.get_freeze_count() - frozen >= len(made)


def test_thread_rests_after_work_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    worked_s, rested_s = [0.0], list[float]()
    monkeypatch.setattr(time, "thread_time", lambda: worked_s[0])
    monkeypatch.setattr(time, "sleep", rested_s.append)
    rest = Turns()

    rest()
    worked_s[0] += WORK_S
    rest()
    rest()

    assert len(rested_s) == 1
