"""Saves of every kind while every face is called: nothing is lost, nothing fails."""

from pathlib import Path

import pytest

from tests.storm.run import run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

SAVES = 25


def test_no_save_loses_or_fails_a_call_and_each_is_shown(tmp_path: Path, store_url: str) -> None:
    storm = run(tmp_path, store_url, saves=SAVES, each=SAVES, seed=5, beside=False)

    assert not storm.failed
    assert not storm.lost
    assert len(storm.saves) == SAVES
    assert {call.face for call in storm.calls} >= {"rest", "mcp", "older mcp", "cli"}
    assert any(saved.at for saved, _ in storm.saves)


def test_without_notices_of_the_system_each_save_is_shown_too(
    tmp_path: Path, sqlite_url: str
) -> None:
    polls = {"WATCHFILES_FORCE_POLLING": "1"}
    storm = run(tmp_path, sqlite_url, saves=6, each=6, seed=6, beside=False, environ=polls)

    assert not storm.failed
    assert not storm.lost
