"""How long starts take, each beside the least that it could be."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import door
from benchmarks.form import Form
from benchmarks.row import Row, at_most, compared, ratio_at_most

IMPORTS = "from fastmcp import FastMCP; import fastapi, sqlalchemy.ext.asyncio"


def rows(form: Form) -> Iterator[Row]:
    """Give the rows of the server and of the command line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = environ_of(folder)
        serve_ms(environ, folder)
        served = [
            (serve_ms(environ, folder), python_ms("-c", IMPORTS)) for _ in range(form.starts)
        ]
    yield compared(
        "start",
        "bylaw serve, until it listens",
        unit="ms",
        ours=tuple(mine for mine, _ in served),
        beside="importing FastMCP's server, FastAPI, SQLAlchemy's asyncio",
        theirs=tuple(other for _, other in served),
        target=ratio_at_most(1.3),
    )
    helped = [
        (python_ms("-m", "bylaw", "--help"), python_ms("-c", "pass")) for _ in range(form.starts)
    ]
    yield compared(
        "start",
        "bylaw --help, over python -c pass",
        unit="ms",
        ours=tuple(mine - other for mine, other in helped),
        beside="python -c pass",
        theirs=tuple(other for _, other in helped),
        target=at_most(150, "ms"),
    )


def environ_of(folder: Path) -> dict[str, str]:
    """Return the environment of a server on a port of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BYLAW_")}
    return {
        **kept,
        "BYLAW_HOUSE": str(door.write_house(folder / "house")),
        "BYLAW_PORT": "0",
        "BYLAW_STORE_URL": f"sqlite:///{folder}/start.db",
    }


def serve_ms(environ: dict[str, str], folder: Path) -> float:
    """Start a server and return how long it took until it said that it listens."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bylaw", "serve"],
        env=environ,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        for printed in process.stdout:
            if printed.startswith("Bylaw "):
                return (time.perf_counter() - begin) * 1e3
        raise AssertionError("the server ended")
    finally:
        process.kill()
        process.communicate()


def python_ms(*arguments: str) -> float:
    """Run Python and return how long it took."""
    begin = time.perf_counter()
    command = [sys.executable, *arguments]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own arguments
    return (time.perf_counter() - begin) * 1e3
