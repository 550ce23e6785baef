"""Which files of a folder are content, and which commit they belong to."""

import os
import subprocess
from pathlib import Path

import pytest

from bylaw.load import house as reading
from bylaw.load import limits
from bylaw.load.house import House, Reader, git_commit, read_house, shipped_house


@pytest.fixture
def root(tmp_path: Path) -> Path:
    house = tmp_path / "house"
    for name in ("rules", "workflows", "personas"):
        (house / name).mkdir(parents=True)
    (house / "bylaw.yaml").write_text("bylaw: 1\n")
    return house


def paths(house: House) -> list[str]:
    return [file.path for file in house.files]


def said(house: House) -> list[str]:
    return [f"{problem.place}: {problem.code}" for problem in house.problems]


def test_a_house_has_its_server_file_and_the_yaml_of_three_folders(root: Path) -> None:
    (root / "rules" / "access").mkdir()
    (root / "rules" / "access" / "b.yml").write_text("")
    (root / "rules" / "a.yaml").write_text("")
    (root / "rules" / "notes.md").write_text("")
    (root / "workflows" / "c.yaml").write_text("")
    (root / "docs").mkdir()
    (root / "docs" / "d.yaml").write_text("")

    house = read_house(root)

    assert paths(house) == ["bylaw.yaml", "rules/a.yaml", "rules/access/b.yml", "workflows/c.yaml"]
    assert house.problems == ()


def test_a_folder_without_its_server_file_is_no_house(tmp_path: Path) -> None:
    house = read_house(tmp_path)

    assert paths(house) == []
    assert said(house) == ["bylaw.yaml:1:1: missing-file"]


def test_what_begins_with_a_dot_is_not_content(root: Path) -> None:
    (root / "rules" / ".hidden").mkdir()
    (root / "rules" / ".hidden" / "a.yaml").write_text("")
    (root / "rules" / ".#a.yaml").write_text("")

    assert paths(read_house(root)) == ["bylaw.yaml"]


def test_a_mounted_folder_is_read_through_its_links(root: Path) -> None:
    mounted = root / "rules" / "..2026_11_20"
    mounted.mkdir()
    (mounted / "a.yaml").write_text("kind: policy")
    (root / "rules" / "..data").symlink_to("..2026_11_20")
    (root / "rules" / "a.yaml").symlink_to(Path("..data") / "a.yaml")

    house = read_house(root)

    assert paths(house) == ["bylaw.yaml", "rules/a.yaml"]
    assert house.files[1].content == b"kind: policy"


def test_one_of_the_three_folders_may_lie_elsewhere(root: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.yaml").write_text("")
    (root / "rules").rmdir()
    (root / "rules").symlink_to(elsewhere)

    house = read_house(root)

    assert paths(house) == ["bylaw.yaml", "rules/a.yaml"]
    assert house.problems == ()


def test_a_link_that_leads_out_of_the_house_is_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text("")
    (tmp_path / "outside").mkdir()
    (root / "rules" / "a.yaml").symlink_to(tmp_path / "outside.yaml")
    (root / "rules" / "b").symlink_to(tmp_path / "outside")

    house = read_house(root)

    assert paths(house) == ["bylaw.yaml"]
    assert said(house) == ["rules/a.yaml:1:1: link", "rules/b:1:1: link"]


def test_links_in_a_circle_end(root: Path) -> None:
    (root / "rules" / "again").symlink_to(root / "rules")
    (root / "rules" / "self.yaml").symlink_to("self.yaml")
    (root / "rules" / "a.yaml").write_text("")

    house = read_house(root)

    assert paths(house) == ["bylaw.yaml", "rules/a.yaml"]
    assert said(house) == ["rules/self.yaml:1:1: unreadable"]


def test_a_link_to_nothing_is_named(root: Path) -> None:
    (root / "rules" / "a.yaml").symlink_to("gone.yaml")

    assert said(read_house(root)) == ["rules/a.yaml:1:1: unreadable"]


def test_no_more_than_the_allowed_size_is_read(root: Path) -> None:
    (root / "rules" / "a.yaml").write_bytes(b"#" * (limits.MAX_FILE_BYTES + 5))

    house = read_house(root)

    assert len(house.files[1].content) == limits.MAX_FILE_BYTES + 1


def test_a_pipe_does_not_hold_up_the_house(root: Path) -> None:
    os.mkfifo(root / "rules" / "pipe.yaml")

    assert said(read_house(root)) == ["rules/pipe.yaml:1:1: unreadable"]


def test_a_file_that_did_not_change_is_not_opened_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "rules" / "a.yaml").write_text("kind: policy")
    monkeypatch.setattr(reading, "FRESH_NS", 0)
    reader = Reader(root)
    before = reader.read()
    (root / "rules" / "b.yaml").write_text("kind: access")

    after = reader.read()

    assert paths(after) == ["bylaw.yaml", "rules/a.yaml", "rules/b.yaml"]
    assert after.files[:2] == before.files
    assert after.files[1] is before.files[1]


def test_a_file_that_changed_in_the_same_moment_is_opened_again(root: Path) -> None:
    file = root / "rules" / "a.yaml"
    file.write_text("kind: policy")
    reader = Reader(root)
    reader.read()
    stat = file.stat()
    file.write_text("kind: polisy")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    assert reader.read().files[1].content == b"kind: polisy"


def test_a_file_that_is_gone_is_forgotten(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "FRESH_NS", 0)
    (root / "rules" / "a.yaml").write_text("kind: policy")
    reader = Reader(root)
    reader.read()
    (root / "rules" / "a.yaml").unlink()

    assert paths(reader.read()) == ["bylaw.yaml"]


def test_the_shipped_house_is_found() -> None:
    assert (shipped_house() / "bylaw.yaml").is_file()


def git(folder: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    command = ("git", "-C", str(folder), *settings, *arguments)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_of_a_house_is_the_one_checked_out(root: Path) -> None:
    git(root, "init", "-q")
    assert git_commit(root) is None

    git(root, "commit", "-q", "--allow-empty", "-m", "first")

    assert git_commit(root / "rules") == git(root, "rev-parse", "HEAD")


def test_the_commit_is_found_packed_detached_and_in_a_worktree(root: Path, tmp_path: Path) -> None:
    git(root, "init", "-q")
    git(root, "commit", "-q", "--allow-empty", "-m", "first")
    first = git(root, "rev-parse", "HEAD")
    git(root, "pack-refs", "--all")
    assert git_commit(root) == first

    git(root, "worktree", "add", "-q", "-b", "other", str(tmp_path / "other"))
    assert git_commit(tmp_path / "other") == first

    git(root, "checkout", "-q", "--detach")
    assert git_commit(root) == first


def test_a_folder_outside_git_has_no_commit(root: Path) -> None:
    assert git_commit(root) is None
