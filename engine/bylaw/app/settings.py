"""The settings of this process, from the environment: `BYLAW_HOUSE`, `BYLAW_PORT` and so on.

They say where the house is and what differs from its `bylaw.yaml` on this machine; what the
house means by its own variables (`${BYLAW_TOKEN_ANA}`) is no setting.
"""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bylaw.base.errors import ConfigurationError
from bylaw.load.house import SERVER_FILE, shipped_house

PREFIX = "BYLAW_"
# What a setting has to be. Its value is named in the message where `{}` stands.
WANTED: Mapping[str, str] = {
    "BYLAW_HOUSE": "is `{}`; it is the folder of a house",
    "BYLAW_HOST": "is `{}`; it is a name or an address of this machine, such as `127.0.0.1`",
    "BYLAW_PORT": "is `{}`; it is a whole number from 0 to 65535",
    # The address may hold a password.
    "BYLAW_STORE_URL": "is not an address such as `sqlite:///bylaw.db` or `postgresql://host/name`",
    "BYLAW_LOG_LEVEL": "is `{}`; it is one of debug, info, warning, error",
    "BYLAW_LOG_FORMAT": "is `{}`; it is one of auto, json, console",
    "BYLAW_SHUTDOWN_S": "is `{}`; it is a whole number of seconds from 0 to 3600",
}
# Names with the prefix that others read: the CLI, the shipped house, the tests.
OF_OTHERS = re.compile(r"BYLAW_(?:TOKEN.*|TEST_.*|URL|CI_URL)\Z")
NAMED = re.compile(r"\$\{(BYLAW_[A-Z0-9_]+)")
LONG_NAME = 6


def _lowered(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class Settings(BaseSettings):
    """What the environment says; what is passed by name stands before it.

    Nothing of `host`, `port` and `store_url` means: as `bylaw.yaml` says. `shutdown_s` is how
    long requests that are under way may take to end.

    Raises:
        ConfigurationError: a setting cannot be used, or a variable is nearly one.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )

    house: Path | None = None
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:_-]{1,253}$")] | None = None
    port: Annotated[int, Field(ge=0, le=65_535)] | None = None
    store_url: Annotated[str, Field(pattern=r"^[a-z][a-z0-9+]*://")] | None = Field(
        default=None, repr=False
    )
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], BeforeValidator(_lowered)
    ] = "info"
    log_format: Annotated[Literal["auto", "json", "console"], BeforeValidator(_lowered)] = "auto"
    shutdown_s: Annotated[int, Field(ge=0, le=3600)] = 10

    def __init__(self, **given: Any) -> None:
        """Read the environment."""
        try:
            super().__init__(**given)
        except ValidationError as error:
            # The validator's own words may show what was given.
            raise ConfigurationError(_explained(error)) from None
        self._refuse_near_misses(os.environ)

    def house_folder(self) -> Path:
        """Return the house to serve: the one that is set, else this folder, else the shipped one.

        Raises:
            ConfigurationError: the one that is set is not a folder.
        """
        if self.house is None:
            here = Path.cwd()
            return here if (here / SERVER_FILE).is_file() else shipped_house()
        if not self.house.is_dir():
            text = f"the house `{self.house}` is not a folder; see BYLAW_HOUSE"
            raise ConfigurationError(text)
        return self.house

    def store_folder(self) -> Path:
        """Return the folder from which the path of a store's file is counted.

        It is the house, so that every process of a house finds one store; the shipped house,
        which nobody writes to, leaves its store where it is served.
        """
        return self.house or Path.cwd()

    def _refuse_near_misses(self, environ: Iterable[str]) -> None:
        """Refuse names that are a slip away from a setting, except those that the house names."""
        slips = {name: setting for name in environ if (setting := _meant(name)) is not None}
        if not slips:
            return
        named = _named_in(self.house_folder() / SERVER_FILE)
        for name, setting in sorted(slips.items()):
            if name not in named:
                text = f"`{name}` is not a setting; did you mean `{setting}`?"
                raise ConfigurationError(text)


def _explained(error: ValidationError) -> str:
    """Say every setting that cannot be used, and what it has to be."""
    lines = []
    for one in error.errors(include_url=False):
        name = PREFIX + str(one["loc"][0]).upper()
        wanted = WANTED.get(name, "is not a setting")
        lines.append(f"`{name}` {wanted.format(str(one['input'])[:80])}")
    return "\n".join(dict.fromkeys(lines))


def _meant(name: str) -> str | None:
    """Return the setting that a variable's name is nearly."""
    if not name.upper().startswith(PREFIX) or name.upper() in WANTED or OF_OTHERS.match(name):
        return None
    word = _letters(name)
    slips_allowed = 1 if len(word) < LONG_NAME else 2
    near = {setting: _slips(word, _letters(setting)) for setting in WANTED}
    best = min(near, key=lambda setting: near[setting])
    return best if near[best] <= slips_allowed else None


def _letters(name: str) -> str:
    return name.upper().removeprefix(PREFIX).replace("_", "")


def _slips(word: str, meant: str) -> int:
    """Count the letters to add, drop, change, or swap with their neighbour."""
    older: list[int] = []
    above = list(range(len(meant) + 1))
    for i, letter in enumerate(word, 1):
        row = [i]
        for j, other in enumerate(meant, 1):
            change = above[j - 1] + (letter != other)
            row.append(min(row[j - 1] + 1, above[j] + 1, change))
            if i > 1 and j > 1 and letter == meant[j - 2] and word[i - 2] == other:
                row[j] = min(row[j], older[j - 2] + 1)
        older, above = above, row
    return above[-1]


def _named_in(server: Path) -> frozenset[str]:
    """Return the variables that a `bylaw.yaml` names."""
    try:
        return frozenset(NAMED.findall(server.read_text("utf-8", "replace")))
    except OSError:
        return frozenset()
