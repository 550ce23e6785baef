"""The commands that need no running server: check and init."""

import os
import shutil
from pathlib import Path

from bylaw.app import clock
from bylaw.app.settings import Settings
from bylaw.background.reload import Loader
from bylaw.base.errors import ConfigurationError
from bylaw.load.house import shipped_house
from bylaw.load.schema import schema_folder

CONTENT = ("rules", "workflows", "personas")


def loader_of(settings: Settings) -> Loader:
    """Return the loader of the house that the settings mean."""
    return Loader(settings.house_folder(), os.environ, clock.now)


def check(house: Path | None) -> tuple[int, list[str]]:
    """Load and compile a house; return how many documents stand in it and every problem."""
    settings = Settings() if house is None else Settings(house=house)
    loader = loader_of(settings)
    compiled = loader.load()
    problems = [str(problem) for problem in compiled.problems]
    documents = len(compiled.snapshot.documents) if compiled.snapshot is not None else 0
    return documents, problems


def init(target: Path) -> list[Path]:
    """Copy the shipped house and the schemas into a folder; return what was written.

    Raises:
        ConfigurationError: something of it is there already; nothing was written.
    """
    source = shipped_house()
    copies = [(source / "bylaw.yaml", target / "bylaw.yaml")]
    copies += [(source / name, target / name) for name in CONTENT]
    copies += [(schema_folder(), target / "schemas")]
    taken = [str(to) for _, to in copies if to.exists()]
    if taken:
        names = ", ".join(f"`{name}`" for name in taken)
        raise ConfigurationError(f"{names} is there already; nothing was written")
    target.mkdir(parents=True, exist_ok=True)
    for one, to in copies:
        if one.is_dir():
            shutil.copytree(one, to)
        else:
            shutil.copyfile(one, to)
    return [to for _, to in copies]
