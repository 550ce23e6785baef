"""Settings as an operator gives them."""

import os
from pathlib import Path

import pytest

from bylaw.app.settings import PREFIX, WANTED, Settings
from bylaw.app.snapshots import store_url_of
from bylaw.base.errors import ConfigurationError
from bylaw.load.house import shipped_house


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def problem() -> str:
    with pytest.raises(ConfigurationError) as found:
        Settings()
    return str(found.value)


def test_nothing_said_leaves_all_to_the_house() -> None:
    settings = Settings()

    assert (settings.house, settings.host, settings.port, settings.store_url) == (None,) * 4
    assert (settings.log_level, settings.log_format, settings.shutdown_s) == ("info", "auto", 10)


def test_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYLAW_HOST", "::1")
    monkeypatch.setenv("BYLAW_PORT", "0")
    monkeypatch.setenv("BYLAW_STORE_URL", "postgresql://bylaw:x@db/bylaw")
    monkeypatch.setenv("BYLAW_LOG_LEVEL", "WARNING")
    monkeypatch.setenv("BYLAW_LOG_FORMAT", "")
    settings = Settings()

    assert (settings.host, settings.port, settings.log_level) == ("::1", 0, "warning")
    assert settings.store_url == "postgresql://bylaw:x@db/bylaw"
    assert settings.log_format == "auto"


def test_what_is_passed_stands_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYLAW_PORT", "8001")

    assert Settings(port=8002).port == 8002


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BYLAW_HOST", "http://x/"),
        ("BYLAW_PORT", "eight"),
        ("BYLAW_PORT", "65536"),
        ("BYLAW_LOG_LEVEL", "loud"),
        ("BYLAW_LOG_FORMAT", "xml"),
        ("BYLAW_SHUTDOWN_S", "-1"),
    ],
)
def test_setting_that_cannot_be_used_is_named_with_what_it_has_to_be(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    assert problem() == f"`{name}` {WANTED[name].format(value)}"


def test_address_of_the_store_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYLAW_STORE_URL", "bylaw:hunter2@db")

    assert problem().startswith("`BYLAW_STORE_URL` is not an address such as")
    assert "hunter2" not in problem()
    assert "hunter2" not in repr(Settings(store_url="postgresql://bylaw:hunter2@db/x"))


def test_all_settings_that_cannot_be_used_are_named_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BYLAW_PORT", "x")
    monkeypatch.setenv("BYLAW_LOG_LEVEL", "x")

    assert len(problem().splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("BYLAW_PROT", "BYLAW_PORT"),
        ("BYLAW_HOSTS", "BYLAW_HOST"),
        ("BYLAW_LOGLEVEL", "BYLAW_LOG_LEVEL"),
        ("BYLAW_STORE_ULR", "BYLAW_STORE_URL"),
        ("BYLAW_STOREURL", "BYLAW_STORE_URL"),
        ("BYLAW_SHUTDOWN", "BYLAW_SHUTDOWN_S"),
        ("BYLAW_LOG_FROMAT", "BYLAW_LOG_FORMAT"),
        ("BYLAW_HUOSE", "BYLAW_HOUSE"),
    ],
)
def test_slip_in_a_name_is_refused_with_the_name_that_was_meant(
    monkeypatch: pytest.MonkeyPatch, name: str, setting: str
) -> None:
    monkeypatch.setenv(name, "1")

    assert problem() == f"`{name}` is not a setting; did you mean `{setting}`?"


@pytest.mark.parametrize(
    "name",
    [
        *("BYLAW_TOKEN", "BYLAW_TOKEN_ANA", "BYLAW_URL", "BYLAW_TEST_POSTGRES_URL"),
        *("BYLAW_CI_URL", "BYLAW_REGION", "BYLAW_TEAM", "NOT_BYLAW_PROT", "PORT"),
    ],
)
def test_other_names_are_nobodys_business(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")

    assert Settings().port is None


def test_name_that_the_house_uses_is_no_slip(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bylaw.yaml").write_text('bylaw: 1\nvars: {ports: "${BYLAW_PORTS:-1}"}\n')
    monkeypatch.setenv("BYLAW_PORTS", "1")

    assert Settings().port is None


def test_every_setting_says_what_it_has_to_be() -> None:
    assert {PREFIX + name.upper() for name in Settings.model_fields} == set(WANTED)


def test_house_is_the_one_that_is_set(tmp_path: Path) -> None:
    assert Settings(house=tmp_path).house_folder() == tmp_path


def test_house_is_this_folder_if_it_is_one(tmp_path: Path) -> None:
    (tmp_path / "bylaw.yaml").write_text("bylaw: 1\n")

    assert Settings().house_folder() == tmp_path


def test_house_is_the_shipped_one_elsewhere() -> None:
    assert Settings().house_folder() == shipped_house()


def test_store_is_in_the_house_wherever_a_command_runs(tmp_path: Path) -> None:
    (tmp_path / "bylaw.yaml").write_text("bylaw: 1\nkind: server\nname: s\n")

    by_default = store_url_of(Settings(house=tmp_path))
    as_set = store_url_of(Settings(house=tmp_path, store_url="sqlite:///own.db"))

    assert by_default == f"sqlite:///{tmp_path}/.bylaw/bylaw.db"
    assert as_set == f"sqlite:///{tmp_path}/own.db"


def test_store_of_the_shipped_house_is_where_it_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert store_url_of(Settings()) == f"sqlite:///{tmp_path}/.bylaw/bylaw.db"


@pytest.mark.parametrize("url", ["sqlite:////srv/b.db", "postgresql:///b", "sqlite://"])
def test_address_that_is_whole_stays_as_it_is(tmp_path: Path, url: str) -> None:
    assert store_url_of(Settings(house=tmp_path, store_url=url)) == url


def test_house_that_is_no_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere` is not a folder; see BYLAW_HOUSE"):
        Settings(house=tmp_path / "nowhere").house_folder()
