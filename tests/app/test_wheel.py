"""The wheel: it carries the content and the schemas, and serves them from an empty folder."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTENT = ("bylaw.yaml", "rules", "workflows", "personas", "schemas")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it, as an installation would."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def bylaw(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line of the wheel in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "bylaw", *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(installed), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_wheel_carries_content_and_schemas(installed: Path) -> None:
    shipped = {one.name for one in (installed / "bylaw" / "shipped").iterdir()}

    assert shipped == set(CONTENT)


def test_shipped_house_loads_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    checked = bylaw(installed, tmp_path, "check")

    assert (checked.returncode, checked.stderr) == (0, "")
    assert "0 problems" in checked.stdout


def test_init_makes_a_house_that_check_accepts(installed: Path, tmp_path: Path) -> None:
    made = bylaw(installed, tmp_path, "init", "mine")
    checked = bylaw(installed, tmp_path / "mine", "check")

    assert (made.returncode, checked.returncode) == (0, 0)
    assert {one.name for one in (tmp_path / "mine").iterdir()} == {*CONTENT, ".gitignore"}
