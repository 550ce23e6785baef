"""`bylaw test` on the command line."""

import json
import shutil
from pathlib import Path

import pytest

from bylaw.faces.cli.main import main
from tests.running import copy_of_shipped

FAILURES = Path(__file__).parents[1] / "cases" / "test" / "failures" / "house"


def test_tests_that_pass_exit_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    house = copy_of_shipped(tmp_path / "house")

    code = main(["test", str(house), "-k", "a change is merged"])

    assert (code, capsys.readouterr().out) == (0, "1 passed, 0 failed.\n")


def test_a_failure_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["test", str(FAILURES), "-k", "another verdict"])

    assert code == 1
    assert capsys.readouterr().out.splitlines()[-1] == "0 passed, 1 failed."


def test_machines_read_the_failures_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["test", str(FAILURES), "-k", "another verdict", "--json"])

    score = json.loads(capsys.readouterr().out)
    assert code == 1
    assert (score["ok"], score["passed"], score["failed"]) == (False, 0, 1)
    assert score["failures"][0]["at"] == "rules/tests/cases.yaml:6:12"
    assert score["failures"][0]["expected"] == "none"


def test_a_name_that_no_test_has_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["test", str(FAILURES), "-k", "nonsense"])

    assert code == 1
    assert "no test has `nonsense` in its name" in capsys.readouterr().err


def test_a_house_with_problems_runs_no_test(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = tmp_path / "house"
    shutil.copytree(FAILURES, house)
    (house / "rules" / "house.yaml").write_text("kind: nothing\n")

    code = main(["test", str(house)])

    told = capsys.readouterr()
    assert (code, told.out) == (1, "")
    assert "rules/house.yaml:1:7: unknown-kind" in told.err


def test_check_names_the_mistakes_of_tests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = tmp_path / "house"
    shutil.copytree(FAILURES, house)
    test = house / "rules" / "tests" / "cases.yaml"
    test.write_text(test.read_text().replace("workflow: job\n", "workflow: jobs\n", 1))

    code = main(["check", str(house)])

    told = capsys.readouterr().out
    assert code == 1
    assert "rules/tests/cases.yaml:39:15: unknown-ref: `jobs` is not a workflow" in told


def test_a_house_without_tests_has_nothing_that_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = tmp_path / "house"
    shutil.copytree(FAILURES, house)
    shutil.rmtree(house / "rules" / "tests")

    code = main(["test", str(house)])

    assert (code, capsys.readouterr().out) == (0, "0 passed, 0 failed.\n")
