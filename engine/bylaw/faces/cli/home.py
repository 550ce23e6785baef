"""The commands that need no running server: serve, stdio, check, init, audit, snapshots."""

import argparse
import asyncio
import json
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import ValidationError

from bylaw.app.commands import check, init, run_house_tests, verify_audit
from bylaw.app.settings import Settings
from bylaw.base.errors import BylawError, ConfigurationError, ContentError
from bylaw.base.plain import Plain
from bylaw.faces.cli.code import Exit
from bylaw.faces.cli.loading import loading


def at_home(chosen: argparse.Namespace) -> int:
    """Run the command; what cannot be done is said in a sentence, not as a traceback."""
    try:
        return COMMANDS[chosen.verb](chosen)
    except ContentError as problem:
        print(problem, file=sys.stderr)
        print("bylaw: the house does not load; nothing was started", file=sys.stderr)
    except BylawError as problem:
        print(f"bylaw: {problem}", file=sys.stderr)
    return Exit.REFUSED


def serving(chosen: argparse.Namespace) -> int:
    """Serve a house over MCP and REST until told to stop."""
    with loading():
        from bylaw.faces.cli.serving import serve  # noqa: PLC0415 - loads the servers

    serve(settings_of(house=chosen.house, host=chosen.host, port=chosen.port))
    return Exit.OK


def serving_stdio(chosen: argparse.Namespace) -> int:
    """Serve one MCP client over standard input and output."""
    with loading():
        from bylaw.faces.cli.serving import serve_stdio  # noqa: PLC0415 - loads the servers

    serve_stdio(settings_of(house=chosen.house))
    return Exit.OK


def settings_of(**chosen: Plain) -> Settings:
    """Return the settings: what the command line says stands before the environment.

    Raises:
        ConfigurationError: a setting cannot be used.
    """
    given = {name: value for name, value in chosen.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        text = f"`BYLAW_{name}` is `{first['input']}`: {first['msg'].lower()}"
        raise ConfigurationError(text) from error


def checking(chosen: argparse.Namespace) -> int:
    """Name every mistake of a house."""
    documents, problems = check(chosen.house)
    for problem in problems:
        print(problem)
    found = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    print(f"{documents} documents, {found}." if documents else f"{found}.")
    return Exit.REFUSED if problems else Exit.OK


def testing(chosen: argparse.Namespace) -> int:
    """Run the tests of a house."""
    score = run_house_tests(chosen.house, chosen.only)
    if isinstance(score, tuple):
        print("\n".join(str(problem) for problem in score), file=sys.stderr)
        print("bylaw: the house has problems; no test was run", file=sys.stderr)
        return Exit.REFUSED
    if chosen.json:
        print(json.dumps(score.record(), indent=2, ensure_ascii=False))
    else:
        print("\n".join(str(one) for one in (*score.failures, f"{score}.")))
    if chosen.only and not (score.passed or score.failures):
        print(f"bylaw: no test has `{chosen.only}` in its name", file=sys.stderr)
        return Exit.REFUSED
    return Exit.REFUSED if score.failures else Exit.OK


def proving(chosen: argparse.Namespace) -> int:
    """Check the seals of the audit, and say what is not sealed yet."""
    report = asyncio.run(verify_audit(chosen.house))
    print(
        f"{report.records} records under {report.seals} seals; {report.unsealed} not sealed yet."
    )
    if report.broken:
        print(f"bylaw: broken: {report.broken}", file=sys.stderr)
        return Exit.REFUSED
    return Exit.OK


def recorded(chosen: argparse.Namespace) -> int:
    """List, compare or pin recorded snapshots."""
    from bylaw.faces.cli.snapshots import snapshots  # noqa: PLC0415 - only this command needs it

    return snapshots(chosen)


def copying(chosen: argparse.Namespace) -> int:
    """Copy the shipped house into a folder."""
    target: Path = chosen.target
    for made in init(target):
        print(made)
    said = shlex.quote(str(target))
    print(f"A house of your own. Next: `bylaw check {said}`, `bylaw serve {said}`.")
    return Exit.OK


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "serve": serving,
    "stdio": serving_stdio,
    "check": checking,
    "test": testing,
    "audit": proving,
    "snapshots": recorded,
    "init": copying,
}
