"""The commands that need no running server: check, test, init and the audit's proof."""

import os
import shutil
from pathlib import Path

from bylaw.app import clock
from bylaw.app.settings import Settings
from bylaw.app.snapshots import store_url_of
from bylaw.background.reload import Loader
from bylaw.base.errors import ConfigurationError
from bylaw.base.problem import Problem, sort_problems
from bylaw.compile.policy import expired
from bylaw.load.house import shipped_house
from bylaw.load.schema import schema_folder
from bylaw.model.audit import AuditReport
from bylaw.services.testing import run_tests
from bylaw.services.testing_result import Score
from bylaw.store.store import Store

STORE_FOLDER = ".bylaw"
CONTENT = ("rules", "workflows", "personas")


def loader_of(settings: Settings) -> Loader:
    """Return the loader of the house that the settings mean."""
    return Loader(settings.house_folder(), os.environ, clock.now)


def check(house: Path | None) -> tuple[int, list[str]]:
    """Load and compile a house; return how many documents stand in it and every problem."""
    settings = Settings() if house is None else Settings(house=house)
    loader = loader_of(settings)
    compiled = loader.load()
    policies = compiled.snapshot.policies.values() if compiled.snapshot is not None else ()
    late = expired(policies, clock.now().date())
    found = sort_problems((*compiled.problems, *compiled.of_tests, *late))
    live = len(compiled.snapshot.documents) if compiled.snapshot is not None else 0
    return live + len(compiled.tests), [str(problem) for problem in found]


def run_house_tests(house: Path | None, only: str) -> Score | tuple[Problem, ...]:
    """Run the tests of a house, or return every problem that it and its tests have."""
    settings = Settings() if house is None else Settings(house=house)
    compiled = loader_of(settings).load()
    problems = sort_problems((*compiled.problems, *compiled.of_tests))
    if compiled.snapshot is None or problems:
        return problems
    return run_tests(compiled.snapshot, compiled.tests, only)


async def verify_audit(house: Path | None) -> AuditReport:
    """Check every seal of the audit of a house's store.

    Raises:
        ConfigurationError: where the store is cannot be told.
        StoreUnavailable: the database is not there.
    """
    settings = Settings() if house is None else Settings(house=house)
    async with Store.open(store_url_of(settings)) as store, store.read() as tx:
        return await tx.audit.verify()


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
    return [*(to for _, to in copies), *_ignored(target)]


def _ignored(target: Path) -> list[Path]:
    """Keep the store out of git, unless the folder says itself what git leaves out."""
    file = target / ".gitignore"
    if file.exists():
        return []
    file.write_text(f"{STORE_FOLDER}/\n")
    return [file]
